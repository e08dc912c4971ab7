#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/result.h"
#include "core/time.h"

namespace weir::mapping::text {

class FormatContainers;

/// One argument of a format string, as the format engine sees a value of the language.
struct FormatValue {
  enum class Kind : std::uint8_t {
    kNull,
    kBool,
    kInt,     ///< int64
    kUint,    ///< uint64
    kDouble,  ///< float64
    kFloat,   ///< float32, held in `number`
    kNumber,  ///< a document number, in `text`; formats as Go's json.Number does
    kString,
    kBytes,
    kTime,
    kArray,
    kObject,
  };
  /// What a container is, known only to its FormatContainers.
  using Node = std::array<std::uint64_t, 2>;

  Kind kind = Kind::kNull;
  bool flag = false;
  std::int64_t integer = 0;
  std::uint64_t natural = 0;
  double number = 0;
  std::string_view text;
  core::Timestamp time;
  Node node{};
  const FormatContainers* containers = nullptr;  ///< never null for arrays and objects

  [[nodiscard]] static FormatValue null() { return {}; }
  [[nodiscard]] static FormatValue of(bool value);
  [[nodiscard]] static FormatValue of(std::int64_t value);
  [[nodiscard]] static FormatValue of(std::uint64_t value);
  [[nodiscard]] static FormatValue of(double value);
  [[nodiscard]] static FormatValue of(float value);
  [[nodiscard]] static FormatValue of(const core::Timestamp& value);
  [[nodiscard]] static FormatValue document_number(std::string_view text);
  [[nodiscard]] static FormatValue string(std::string_view text);
  [[nodiscard]] static FormatValue bytes(std::string_view bytes);
  [[nodiscard]] static FormatValue array(const Node& node, const FormatContainers& containers);
  [[nodiscard]] static FormatValue object(const Node& node, const FormatContainers& containers);
};

/// Looks into arrays and objects. Implemented over the values of the language.
class FormatContainers {
 public:
  struct Entry {
    std::string_view key;  ///< valid until the format call returns
    FormatValue value;
  };

  virtual ~FormatContainers() = default;
  [[nodiscard]] virtual std::size_t size(const FormatValue::Node& node) const = 0;
  [[nodiscard]] virtual FormatValue item(const FormatValue::Node& array,
                                         std::size_t index) const = 0;
  /// In any order; the format engine sorts by key.
  [[nodiscard]] virtual Entry entry(const FormatValue::Node& object, std::size_t index) const = 0;
};

/// Output of one call; a format string repeats its arguments as often as it likes.
inline constexpr std::size_t kMaxFormattedSize = 64 << 20;

/// Appends what Go's fmt.Sprintf makes of a format and its arguments.
///
/// Verbs: %v %d %b %o %O %x %X %c %q %U for integers, %v %e %E %f %F %g %G %b %x %X for floats, %v
/// %s %q %x %X for strings and bytes, %v %t for bools, %T for type names, %%; flags `+ - # 0` and
/// blank, width and precision (at most 10^6, also `*`), argument indexes `[n]`. A mistake shows in
/// the text:
/// `%!d(string=hi)`, `%!d(json.Number=3)`, `%!d(MISSING)`, `%!(EXTRA int64=2)`, `%!(NOVERB)`,
/// `%!(BADWIDTH)`, `%!(BADPREC)`, `%!d(BADINDEX)`.
/// Error kLimit: more output than `max_size`, or containers nested deeper than 1000.
[[nodiscard]] core::Status format_go(std::string& out, std::string_view format,
                                     std::span<const FormatValue> arguments,
                                     std::size_t max_size = kMaxFormattedSize);

}  // namespace weir::mapping::text
