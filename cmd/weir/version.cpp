#include "version.h"

#include <cstdio>

#include "commands.h"

namespace weir::cmd {

int version() {
  std::printf("weir %s\n", std::string(kVersion).c_str());
  return 0;
}

}  // namespace weir::cmd
