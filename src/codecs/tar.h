#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace weir::codecs {

/// A regular file in an archive. The name is data: nobody has checked it to be a path.
struct TarEntry {
  std::string name;
  std::uint64_t size = 0;
};

/// 0 means unlimited.
struct TarLimits {
  std::uint64_t max_entries = 10'000;  ///< headers of any type
  std::uint64_t max_entry_bytes = std::uint64_t{64} << 20;
};

/// Reads a tar archive (v7, ustar, pax, GNU long names) as it comes. Only regular files are
/// entries; directories, links, devices and so on are passed over and counted.
///
/// Windows work as for a Splitter: the caller drops `consumed` bytes from the front after each
/// step, adds bytes at the back, and changes none.
/// Not thread-safe. Holds one header's names at a time, at most 1 MiB each.
class TarReader {
 public:
  struct Step {
    enum class Kind : unsigned char {
      kEntry,     ///< a file begins, see entry()
      kData,      ///< `data`, in the window, are the next bytes of it
      kEntryEnd,  ///< all its bytes were given
      kBadEntry,  ///< this file is left out, see entry() and error(); the next is fine
      kNeedMore,
      kEnd,     ///< the archive is at its end; what follows it is ignored
      kFailed,  ///< nothing more can be read, see error()
    };
    Kind kind = Kind::kNeedMore;
    std::string_view data;
    std::size_t consumed = 0;
  };

  explicit TarReader(const TarLimits& limits = {}) : limits_(limits) {}

  [[nodiscard]] Step next(std::string_view window, bool end_of_stream);

  [[nodiscard]] const TarEntry& entry() const { return entry_; }

  /// kBadEntry: kLimit, or kInvalidData for a sparse file. kFailed: kInvalidData if the archive is
  /// damaged or cut short, kLimit for too many entries.
  [[nodiscard]] const core::Error& error() const { return error_; }

  /// Entries passed over because they are not regular files.
  [[nodiscard]] std::uint64_t skipped_entries() const { return skipped_; }

  /// kNeedMore never leaves this many bytes in the window.
  [[nodiscard]] static constexpr std::size_t max_window() { return 512; }

 private:
  enum class State : unsigned char { kHeader, kData, kSkip, kSpecial, kPadding, kEnded, kFailed };

  /// What a special entry says about the next real one.
  struct Overrides {
    std::string name;
    bool has_name = false;
    std::uint64_t size = 0;
    bool has_size = false;
    bool sparse = false;
  };

  Step read_header(std::string_view block);
  Step begin_file(std::string_view block, std::uint64_t size);
  bool begin_special(char type, std::uint64_t size);
  core::Status finish_special();
  core::Status parse_pax(std::string_view records);
  void begin_payload(State state, std::uint64_t size);
  Step failed(core::ErrorCode code, std::string cause);

  TarLimits limits_;
  State state_ = State::kHeader;
  TarEntry entry_;
  core::Error error_;
  Overrides next_;
  std::string special_;  // payload of the pax or GNU header being read
  char special_type_ = '\0';
  std::uint64_t left_ = 0;      // bytes of the payload still to come
  std::size_t padding_ = 0;     // bytes after it, to the next block
  std::uint64_t offset_ = 0;    // of the header last read, for messages
  std::uint64_t position_ = 0;  // bytes consumed
  std::uint64_t entries_ = 0;
  std::uint64_t skipped_ = 0;
  bool zero_block_ = false;  // the last header block was all zeros
};

/// Appends a tar archive to a string: ustar, with a pax header where a name needs one.
class TarWriter {
 public:
  /// Adds a regular file, mode 0666. `modified` is in seconds since 1970.
  /// Error kInvalidData: the name is empty, holds a NUL byte or is over 64 KiB.
  /// Error kLimit: over 8 GiB of data.
  [[nodiscard]] static core::Status append(std::string_view name, std::string_view data,
                                           std::int64_t modified, std::string& output);

  /// Ends the archive.
  static void finish(std::string& output);
};

}  // namespace weir::codecs
