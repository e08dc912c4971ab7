#include <gmock/gmock.h>

#include "http_fields/pipeline.h"

namespace weir::test {
namespace {

using testing::HasSubstr;

const std::string kRest = "input: { http_server: { path: /in } }\noutput: { sync_response: {} }\n";

TEST(AdminListener, SharesItsAddressWithComponents) {
  Pipeline pipeline("http:\n  address: 127.0.0.1:0\n" + kRest);
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  (void)pipeline.address();
  const std::string base = "http://" + pipeline.admin_address();
  EXPECT_EQ(request(base + "/in", "POST", "hi").body, "hi");
  EXPECT_EQ(request(base + "/benthos/in", "POST", "hi").body, "hi");
  EXPECT_EQ(request(base + "/ping").body, "pong\n");
  EXPECT_EQ(request(base + "/debug/config/json").status, 404);
}

TEST(AdminListener, AsksForThePassword) {
  // sha256 of `secret`
  Pipeline pipeline(
      "http:\n  address: 127.0.0.1:0\n  basic_auth: { enabled: true, username: me, password_hash: "
      "K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols= }\n" +
      kRest);
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  const std::string base = "http://" + pipeline.admin_address();
  EXPECT_EQ(request(base + "/ping").status, 401);
  EXPECT_EQ(request(base + "/ping", "GET", "", {{"Authorization", "Basic bWU6c2VjcmV0"}}).body,
            "pong\n");
  EXPECT_EQ(request(base + "/ping", "GET", "", {{"Authorization", "Basic bWU6d3Jvbmc="}}).status,
            401);
}

TEST(AdminListener, RefusesForeignNamesAndPages) {
  Pipeline pipeline("http:\n  address: 127.0.0.1:0\n  allowed_hosts: [ weir.internal ]\n" + kRest);
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  const std::string ping = "http://" + pipeline.admin_address() + "/ping";
  const Answer rebound = request(ping, "GET", "", {{"Host", "evil.example"}});
  EXPECT_EQ(rebound.status, 403);
  EXPECT_THAT(rebound.body, HasSubstr("allowed_hosts"));
  EXPECT_EQ(request(ping, "GET", "", {{"Host", "weir.internal"}}).status, 200);
  EXPECT_EQ(request(ping, "GET", "", {{"Origin", "https://evil.example"}}).status, 403);
  EXPECT_EQ(request(ping, "GET", "", {{"Sec-Fetch-Site", "cross-site"}}).status, 403);
}

TEST(AdminListener, ShowsTheConfigurationWhenAsked) {
  Pipeline pipeline("http:\n  address: 127.0.0.1:0\n  debug_endpoints: true\n" + kRest);
  ASSERT_TRUE(pipeline.running()) << pipeline.mistakes;
  const std::string base = "http://" + pipeline.admin_address();
  EXPECT_EQ(request(base + "/debug/config/json").body, "{\"a\":1}");
  EXPECT_THAT(request(base + "/debug/stack").body, HasSubstr("thread "));
}

}  // namespace
}  // namespace weir::test
