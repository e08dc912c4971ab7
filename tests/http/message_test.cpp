#include "http/message.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::http {
namespace {

using testing::ElementsAre;

TEST(Body, grows_and_keeps_zero_bytes_behind_its_end) {
  Body body;
  std::string expected;
  for (int i = 0; i < 1000; ++i) {
    body.append(std::to_string(i));
    expected += std::to_string(i);
    ASSERT_EQ(body.view(), expected);
    for (std::size_t k = 0; k < core::Block::kPadding; ++k) {
      ASSERT_EQ(body.data()[body.size() + k], '\0');
    }
  }
}

TEST(Body, takes_bytes_written_into_its_room) {
  Body body("ab");
  char* room = body.prepare(4);
  room[0] = 'c';
  room[1] = 'd';
  body.commit(2);
  EXPECT_EQ(body.view(), "abcd");
  const auto block = body.release();
  EXPECT_EQ(block->view(), "abcd");
  EXPECT_TRUE(body.empty());
  EXPECT_EQ(body.release()->size(), 0U);
}

TEST(Headers, keep_order_and_duplicates_and_ignore_case) {
  Headers headers{{"A", "1"}, {"b", "2"}, {"a", "3"}};
  EXPECT_EQ(headers.size(), 3U);
  EXPECT_EQ(headers.get("a"), "1");
  EXPECT_EQ(headers.get("B"), "2");
  EXPECT_EQ(headers.get("c"), std::nullopt);
  EXPECT_THAT(headers.get_all("A"), ElementsAre("1", "3"));
  headers.set("a", "4");
  EXPECT_THAT(headers.get_all("A"), ElementsAre("4"));
  headers.remove("B");
  EXPECT_FALSE(headers.contains("b"));
}

TEST(Headers, may_be_set_from_their_own_values) {
  Headers headers{{"A", std::string(100, 'x')}};
  headers.set("A", *headers.get("A"));
  EXPECT_EQ(headers.get("A"), std::string(100, 'x'));
}

TEST(Headers, let_no_data_add_a_line) {
  Headers headers;
  EXPECT_TRUE(headers.add("A", std::string_view("1\r\nB: 2\0", 8)));
  EXPECT_EQ(headers.get("A"), "1  B: 2 ");
  EXPECT_FALSE(headers.add("B\r\nC", "2"));
  EXPECT_FALSE(headers.add("B:", "2"));
  EXPECT_FALSE(headers.add("", "2"));
  EXPECT_EQ(headers.size(), 1U);
}

TEST(Headers, find_tokens_in_lists) {
  const Headers headers{{"Connection", "keep-alive, Upgrade"}, {"connection", ",x ,"}};
  EXPECT_TRUE(headers.has_token("Connection", "upgrade"));
  EXPECT_TRUE(headers.has_token("Connection", "X"));
  EXPECT_FALSE(headers.has_token("Connection", "up"));
}

}  // namespace
}  // namespace weir::http
