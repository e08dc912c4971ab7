#include "mapping/text/go_format.h"

#include <optional>

#include "core/quote.h"
#include "mapping/text/go_printer.h"

namespace weir::mapping::text {
namespace {

using Kind = FormatValue::Kind;

constexpr std::size_t kMaxNumber = 1'000'000;  // of a width or a precision, as in Go

/// Walks over the format and hands each verb with its flags to the printer.
class Interpreter {
 public:
  Interpreter(std::string& out, std::string_view format, std::span<const FormatValue> arguments,
              std::size_t limit)
      : printer_(out, limit), format_(format), arguments_(arguments) {}

  core::Status run() {
    while (at_ < format_.size() && !printer_.full()) {
      const std::size_t percent = std::min(format_.find('%', at_), format_.size());
      printer_.write(format_.substr(at_, percent - at_));
      at_ = percent;
      if (at_ < format_.size()) {
        ++at_;
        directive();
      }
    }
    if (!reordered_ && next_ < arguments_.size()) report_extra();
    return printer_.status();
  }

 private:
  void directive() {
    printer_.flags = {};
    good_index_ = true;
    take_flags();
    bool after_index = take_index();
    after_index = take_width(after_index);
    after_index = take_precision(after_index);
    if (!after_index) take_index();
    if (at_ >= format_.size()) {
      printer_.write("%!(NOVERB)");
      return;
    }
    const core::Utf8Step verb = core::decode_utf8(format_.substr(at_));
    at_ += verb.size;
    if (verb.code_point == U'%') {
      printer_.write('%');  // takes no argument, whatever stands before it
    } else if (!good_index_) {
      mistake(verb.code_point, "(BADINDEX)");
    } else if (next_ >= arguments_.size()) {
      mistake(verb.code_point, "(MISSING)");
    } else {
      FormatFlags& flags = printer_.flags;
      if (verb.code_point == U'v' || verb.code_point == U'w') {
        flags.go_syntax = std::exchange(flags.sharp, false);
        flags.plus = false;
      }
      printer_.print(arguments_[next_++], verb.code_point);
    }
  }

  void mistake(char32_t verb, std::string_view what) {
    std::string text("%!");
    core::append_utf8(text, verb);
    printer_.write(text.append(what));
  }

  void take_flags() {
    FormatFlags& flags = printer_.flags;
    for (; at_ < format_.size(); ++at_) {
      switch (format_[at_]) {
        case '#': flags.sharp = true; break;
        case '0': flags.zero = true; break;
        case '+': flags.plus = true; break;
        case '-': flags.minus = true; break;
        case ' ': flags.space = true; break;
        default: return;
      }
    }
  }

  /// Digits at `at`, up to `end`; `at` moves behind them. Too large a number swallows everything.
  static std::optional<std::size_t> take_number(std::string_view text, std::size_t& at) {
    std::size_t value = 0;
    const std::size_t start = at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      value = value * 10 + static_cast<std::size_t>(text[at] - '0');
      if (value > kMaxNumber) {
        at = text.size();
        return std::nullopt;
      }
    }
    if (at == start) return std::nullopt;
    return value;
  }

  /// `[n]`: the next argument is number n. True when there was a good one.
  bool take_index() {
    if (at_ >= format_.size() || format_[at_] != '[') return false;
    reordered_ = true;
    const std::size_t close =
        format_.substr(at_).size() < 3 ? std::string_view::npos : format_.find(']', at_);
    if (close == std::string_view::npos) {
      ++at_;
      good_index_ = false;
      return false;
    }
    std::size_t place = at_ + 1;
    const auto number = take_number(format_.substr(0, close), place);
    at_ = close + 1;
    if (!number || place != close) {
      good_index_ = false;
      return false;
    }
    if (*number == 0 || *number > arguments_.size()) {
      good_index_ = false;
      return true;
    }
    next_ = *number - 1;
    return true;
  }

  /// The next argument as a width or precision.
  std::optional<std::int64_t> take_argument() {
    if (next_ >= arguments_.size()) return std::nullopt;
    const FormatValue& argument = arguments_[next_++];
    constexpr auto kMost = static_cast<std::int64_t>(kMaxNumber);
    std::int64_t value = kMost + 1;
    if (argument.kind == Kind::kInt) value = argument.integer;
    if (argument.kind == Kind::kUint && argument.natural <= kMaxNumber) {
      value = static_cast<std::int64_t>(argument.natural);
    }
    if (value > kMost || value < -kMost) return std::nullopt;
    return value;
  }

  bool take_width(bool after_index) {
    FormatFlags& flags = printer_.flags;
    if (at_ < format_.size() && format_[at_] == '*') {
      ++at_;
      const auto width = take_argument();
      flags.has_width = width.has_value();
      if (!width) {
        printer_.write("%!(BADWIDTH)");
        return false;
      }
      flags.width = static_cast<std::size_t>(*width < 0 ? -*width : *width);
      if (*width < 0) {
        flags.minus = true;
        flags.zero = false;
      }
      return false;
    }
    const auto width = take_number(format_, at_);
    flags.has_width = width.has_value();
    flags.width = width.value_or(0);
    if (after_index && width) good_index_ = false;
    return after_index;
  }

  bool take_precision(bool after_index) {
    FormatFlags& flags = printer_.flags;
    if (at_ + 1 >= format_.size() || format_[at_] != '.') return after_index;
    ++at_;
    if (after_index) good_index_ = false;
    after_index = take_index();
    if (at_ < format_.size() && format_[at_] == '*') {
      ++at_;
      const auto precision = take_argument();
      flags.has_precision = precision && *precision >= 0;
      flags.precision = flags.has_precision ? static_cast<std::size_t>(*precision) : 0;
      if (!flags.has_precision) printer_.write("%!(BADPREC)");
      return false;
    }
    flags.precision = take_number(format_, at_).value_or(0);
    flags.has_precision = true;
    return after_index;
  }

  void report_extra() {
    printer_.flags = {};
    printer_.write("%!(EXTRA ");
    for (std::size_t i = next_; i < arguments_.size(); ++i) {
      if (i > next_) printer_.write(", ");
      printer_.write(GoPrinter::type_name(arguments_[i]));
      if (arguments_[i].kind == Kind::kNull) continue;
      printer_.write('=');
      printer_.print(arguments_[i], U'v');
    }
    printer_.write(')');
  }

  GoPrinter printer_;
  std::string_view format_;
  std::span<const FormatValue> arguments_;
  std::size_t at_ = 0;
  std::size_t next_ = 0;
  bool good_index_ = true;
  bool reordered_ = false;
};

}  // namespace

FormatValue FormatValue::of(bool value) {
  FormatValue v;
  v.kind = Kind::kBool;
  v.flag = value;
  return v;
}
FormatValue FormatValue::of(std::int64_t value) {
  FormatValue v;
  v.kind = Kind::kInt;
  v.integer = value;
  return v;
}
FormatValue FormatValue::of(std::uint64_t value) {
  FormatValue v;
  v.kind = Kind::kUint;
  v.natural = value;
  return v;
}
FormatValue FormatValue::of(double value) {
  FormatValue v;
  v.kind = Kind::kDouble;
  v.number = value;
  return v;
}
FormatValue FormatValue::of(float value) {
  FormatValue v;
  v.kind = Kind::kFloat;
  v.number = value;
  return v;
}
FormatValue FormatValue::of(const core::Timestamp& value) {
  FormatValue v;
  v.kind = Kind::kTime;
  v.time = value;
  return v;
}
FormatValue FormatValue::document_number(std::string_view text) {
  FormatValue v;
  v.kind = Kind::kNumber;
  v.text = text;
  return v;
}
FormatValue FormatValue::string(std::string_view text) {
  FormatValue v;
  v.kind = Kind::kString;
  v.text = text;
  return v;
}
FormatValue FormatValue::bytes(std::string_view bytes) {
  FormatValue v;
  v.kind = Kind::kBytes;
  v.text = bytes;
  return v;
}
FormatValue FormatValue::array(const Node& node, const FormatContainers& containers) {
  FormatValue v;
  v.kind = Kind::kArray;
  v.node = node;
  v.containers = &containers;
  return v;
}
FormatValue FormatValue::object(const Node& node, const FormatContainers& containers) {
  FormatValue v;
  v.kind = Kind::kObject;
  v.node = node;
  v.containers = &containers;
  return v;
}

core::Status format_go(std::string& out, std::string_view format,
                       std::span<const FormatValue> arguments, std::size_t max_size) {
  // The limit is on what this call adds.
  std::string text;
  std::string& target = out.empty() ? out : text;
  core::Status status = Interpreter(target, format, arguments, max_size).run();
  if (&target != &out) out.append(text);
  return status;
}

}  // namespace weir::mapping::text
