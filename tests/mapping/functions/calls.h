#pragma once

#include <string>

#include <gtest/gtest.h>

#include "mapping/support.h"

namespace weir::mapping::test {

/// `{"v": text}`.
inline std::string text_input(const std::string& text) {
  core::Buffer out;
  core::write_json_string(text, out);
  return "{\"v\":" + std::string(out.view()) + "}";
}

/// `{"r": ...}` with what `this.v.<call>` gives for a text.
inline std::string call(const std::string& call, const std::string& text) {
  return run("root.r = this.v." + call, text_input(text));
}

inline void expect_error(const std::string& got, const std::string& words) {
  EXPECT_TRUE(got.starts_with("error: ") && got.find(words) != std::string::npos)
      << got << "\n  not " << words;
}

}  // namespace weir::mapping::test
