#include "mapping/formats/json_doubles.h"

#include <string>

#include "core/number_text.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;

/// Converts what is in `value`; `changed` when something would be written differently now.
core::Status convert(Value& value, bool& changed) {
  switch (value.kind()) {
    case Kind::kNumber: {
      const std::string_view text = value.stored();
      const auto number = core::json_double(text);
      if (!number)
        return core::invalid_data("number " + std::string(text) + " is beyond a 64-bit float");
      // A short integer is written the same way as a double; everything else may not be.
      constexpr std::size_t kExactDigits = 15;
      changed |= text.size() > kExactDigits || text.find_first_of(".eE") != std::string_view::npos;
      value = Value::number(*number);
      return {};
    }
    case Kind::kArray: {
      bool inside = false;
      for (Value& item : core::items(value)) WEIR_CHECK_OK(convert(item, inside));
      if (inside) value.as_container().raw = nullptr;  // its source text is not what it holds now
      changed |= inside;
      return {};
    }
    case Kind::kObject: {
      bool inside = false;
      for (core::Member& member : core::members(value))
        WEIR_CHECK_OK(convert(member.value, inside));
      if (inside) value.as_container().raw = nullptr;
      changed |= inside;
      return {};
    }
    default: return {};
  }
}

}  // namespace

core::Status numbers_to_doubles(Value& value) {
  bool changed = false;
  return convert(value, changed);
}

}  // namespace weir::mapping
