#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include "codecs/bytes.h"
#include "codecs/tar.h"
#include "codecs/tar_internal.h"

namespace weir::codecs {

using core::Error;
using core::ErrorCode;
using core::Status;
using Kind = TarReader::Step::Kind;

namespace {

constexpr std::uint64_t kLargestSpecial = std::uint64_t{1} << 20;
constexpr std::uint64_t kLargestSize = std::uint64_t{1} << 60;

std::string_view until_nul(std::string_view text) {
  return text.substr(0, text.find('\0'));
}

std::string_view trim(std::string_view text, std::string_view what) {
  const std::size_t first = text.find_first_not_of(what);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(what) - first + 1);
}

// Octal text, or big-endian binary if the top bit of the first byte is set (GNU).
std::optional<std::uint64_t> parse_number(std::string_view field) {
  std::uint64_t value = 0;
  if ((byte_at(field, 0) & 0x80U) != 0) {
    if ((byte_at(field, 0) & 0x40U) != 0) return std::nullopt;  // negative
    value = byte_at(field, 0) & 0x3FU;
    for (std::size_t i = 1; i < field.size(); ++i) {
      if (value >> 52 != 0) return std::nullopt;
      value = value << 8 | byte_at(field, i);
    }
    return value;
  }
  const std::string_view digits = trim(field, std::string_view(" \0", 2));
  if (digits.empty()) return 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 8);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

bool checksum_matches(std::string_view block) {
  const auto expected = parse_number(tar::kChecksum.in(block));
  if (!expected) return false;
  std::uint64_t sum = 0;
  std::int64_t signed_sum = 0;  // some old writers summed up signed bytes
  for (std::size_t i = 0; i < block.size(); ++i) {
    const bool own = i - tar::kChecksum.offset < tar::kChecksum.length;
    const char c = own ? ' ' : block[i];
    sum += static_cast<unsigned char>(c);
    signed_sum += static_cast<signed char>(c);
  }
  return sum == *expected ||
         (signed_sum >= 0 && static_cast<std::uint64_t>(signed_sum) == *expected);
}

std::string header_name(std::string_view block) {
  std::string name(until_nul(tar::kName.in(block)));
  // The GNU format has other things where ustar has the prefix.
  if (tar::kMagic.in(block) != tar::kUstarMagic) return name;
  const std::string_view prefix = until_nul(tar::kPrefix.in(block));
  if (prefix.empty()) return name;
  return std::string(prefix).append("/").append(name);
}

}  // namespace

TarReader::Step TarReader::failed(ErrorCode code, std::string cause) {
  state_ = State::kFailed;
  error_ = {code, "reading a tar archive, header at byte " + std::to_string(offset_) + ": " +
                      std::move(cause)};
  return {Kind::kFailed, {}, 0};
}

void TarReader::begin_payload(State state, std::uint64_t size) {
  state_ = state;
  left_ = size;
  padding_ = tar::padding(static_cast<std::size_t>(size % tar::kBlock));
}

TarReader::Step TarReader::next(std::string_view window, bool end_of_stream) {
  std::size_t base = 0;
  const auto consume = [&](std::size_t count) {
    base += count;
    position_ += count;
  };
  const auto with_base = [&](Step step) {
    step.consumed = base;
    return step;
  };
  while (true) {
    const std::string_view rest = window.substr(base);
    switch (state_) {
      case State::kFailed: return {Kind::kFailed, {}, window.size()};
      case State::kEnded: return {end_of_stream ? Kind::kEnd : Kind::kNeedMore, {}, window.size()};
      case State::kHeader: {
        if (rest.empty() && end_of_stream) {  // the blocks of zeros may be missing
          state_ = State::kEnded;
          continue;
        }
        if (rest.size() < tar::kBlock) {
          if (!end_of_stream) return {Kind::kNeedMore, {}, base};
          offset_ = position_;
          return with_base(failed(ErrorCode::kInvalidData, "the archive is cut short"));
        }
        offset_ = position_;
        consume(tar::kBlock);
        const Step step = read_header(rest.substr(0, tar::kBlock));
        if (step.kind != Kind::kNeedMore) return with_base(step);
        continue;
      }
      case State::kPadding: {
        const std::size_t size = std::min(padding_, rest.size());
        consume(size);
        padding_ -= size;
        // A last block that is not filled up does no harm.
        if (padding_ != 0 && !end_of_stream) return {Kind::kNeedMore, {}, base};
        state_ = State::kHeader;
        continue;
      }
      case State::kData:
      case State::kSkip:
      case State::kSpecial: break;
    }
    if (left_ != 0 && rest.empty()) {
      if (!end_of_stream) return {Kind::kNeedMore, {}, base};
      return with_base(failed(ErrorCode::kInvalidData, "the archive is cut short"));
    }
    const std::string_view piece =
        rest.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size())));
    consume(piece.size());
    left_ -= piece.size();
    if (state_ == State::kSpecial) special_.append(piece);
    if (state_ == State::kData && !piece.empty()) return {Kind::kData, piece, base};
    if (left_ != 0) continue;
    const State ended = std::exchange(state_, State::kPadding);
    if (ended == State::kData) return {Kind::kEntryEnd, {}, base};
    if (ended == State::kSpecial) {
      auto status = finish_special();
      if (!status) {
        return with_base(failed(status.error().code, std::move(status).error().message));
      }
    }
  }
}

// kNeedMore: go on in the state set.
TarReader::Step TarReader::read_header(std::string_view block) {
  if (block.find_first_not_of('\0') == block.npos) {
    if (std::exchange(zero_block_, true)) state_ = State::kEnded;
    return {};
  }
  if (zero_block_) return failed(ErrorCode::kInvalidData, "only one block of zeros stands before");
  if (!checksum_matches(block)) {
    return failed(ErrorCode::kInvalidData, entries_ == 0
                                               ? "this is not a tar archive (wrong checksum)"
                                               : "the archive is damaged (wrong checksum)");
  }
  ++entries_;
  if (limits_.max_entries != 0 && entries_ > limits_.max_entries) {
    return failed(ErrorCode::kLimit, "the archive has more than the limit of " +
                                         std::to_string(limits_.max_entries) + " entries");
  }
  const auto size = parse_number(tar::kSize.in(block));
  if (!size || *size > kLargestSize) return failed(ErrorCode::kInvalidData, "the size is invalid");
  const char type = tar::kType.in(block)[0];
  switch (type) {
    case 'x':  // pax, for the next entry
    case 'L':  // GNU: the next entry's name
      if (!begin_special(type, *size)) {
        return failed(ErrorCode::kLimit, "an extended header is larger than 1 MiB");
      }
      return {};
    case 'g':  // pax, for all entries: nothing we use
    case 'K':  // GNU: the next entry's link target
      begin_payload(State::kSkip, *size);
      return {};
    default: break;
  }
  const Overrides overrides = std::exchange(next_, {});
  const std::uint64_t real_size = overrides.has_size ? overrides.size : *size;
  entry_.name = overrides.has_name ? overrides.name : header_name(block);
  entry_.size = real_size;
  const bool regular = type == '0' || type == '7' || (type == '\0' && !entry_.name.ends_with('/'));
  const bool sparse = type == 'S' || (regular && overrides.sparse);
  if (!regular && !sparse) {
    ++skipped_;
    // Only some types have a payload; what others write into the size field is not one.
    const bool no_payload = type >= '1' && type <= '6';
    begin_payload(State::kSkip, no_payload ? 0 : real_size);
    return {};
  }
  const std::string context = "reading entry `" + entry_.name + "` of a tar archive: ";
  if (sparse) {
    error_ = {ErrorCode::kInvalidData, context + "sparse files are not supported"};
  } else if (limits_.max_entry_bytes != 0 && real_size > limits_.max_entry_bytes) {
    error_ = {ErrorCode::kLimit, context + "its " + std::to_string(real_size) +
                                     " bytes are more than the limit of " +
                                     std::to_string(limits_.max_entry_bytes)};
  } else {
    begin_payload(State::kData, real_size);
    return {Kind::kEntry, {}, 0};
  }
  // An old GNU sparse file may continue its map in blocks that its size does not count.
  if (type == 'S') return failed(ErrorCode::kInvalidData, "sparse files are not supported");
  begin_payload(State::kSkip, real_size);
  return {Kind::kBadEntry, {}, 0};
}

bool TarReader::begin_special(char type, std::uint64_t size) {
  if (size > kLargestSpecial) return false;
  special_.clear();
  special_type_ = type;
  begin_payload(State::kSpecial, size);
  return true;
}

Status TarReader::finish_special() {
  if (special_type_ == 'x') return parse_pax(special_);
  next_.name = until_nul(special_);
  next_.has_name = true;
  return {};
}

// Records of "<length> <key>=<value>\n", the length in decimal and that of the whole record.
Status TarReader::parse_pax(std::string_view records) {
  const auto malformed = [] { return core::invalid_data("a pax header is malformed"); };
  while (!records.empty()) {
    std::size_t length = 0;
    const char* const begin = records.data();
    const auto [digits_end, error] = std::from_chars(begin, begin + records.size(), length);
    const auto digits = static_cast<std::size_t>(digits_end - begin);
    if (error != std::errc() || length > records.size() || length < digits + 3 ||
        records[digits] != ' ' || records[length - 1] != '\n') {
      return malformed();
    }
    const std::string_view record = records.substr(digits + 1, length - digits - 2);
    records.remove_prefix(length);
    const std::size_t equals = record.find('=');
    if (equals == record.npos) return malformed();
    const std::string_view key = record.substr(0, equals);
    const std::string_view value = record.substr(equals + 1);
    if (key == "path") {
      if (value.find('\0') != value.npos) return malformed();
      next_.name = value;
      next_.has_name = !value.empty();
    } else if (key == "size") {
      const auto [end, size_error] =
          std::from_chars(value.data(), value.data() + value.size(), next_.size);
      next_.has_size = !value.empty();
      if (!value.empty() && (size_error != std::errc() || end != value.data() + value.size() ||
                             next_.size > kLargestSize)) {
        return malformed();
      }
    } else if (key.starts_with("GNU.sparse.")) {
      next_.sparse = true;
    }
  }
  return {};
}

}  // namespace weir::codecs
