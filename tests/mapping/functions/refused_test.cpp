#include <string>

#include <gtest/gtest.h>

#include "mapping/functions/calls.h"

namespace weir::mapping {
namespace {

TEST(Refused, TellsWhyAndWhatToDo) {
  EXPECT_NE(test::run("root = this.ip.geoip_city(\"x.mmdb\")", "{}").find("not in weir"),
            std::string::npos);
  EXPECT_NE(test::run("root = fake(\"name\")", "{}").find("not in weir"), std::string::npos);
}

}  // namespace
}  // namespace weir::mapping
