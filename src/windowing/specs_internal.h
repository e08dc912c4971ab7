#pragma once

#include <functional>
#include <memory>
#include <string>

#include "windowing/specs.h"

namespace weir::windowing {

struct LateFields {
  std::string output;
  static const config::Spec<LateFields>& spec() {
    static const auto made = config::Spec<LateFields>().field(
        "output", &LateFields::output, {.doc = "Label of an output resource.", .required = true});
    return made;
  }
};

/// The fields of `window`. Null when there was a mistake.
[[nodiscard]] std::function<std::unique_ptr<Operator>()> read_window(
    const config::Node& node, const config::ReadContext& context, const std::string& label,
    std::string& late_output);

}  // namespace weir::windowing
