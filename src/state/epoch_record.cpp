#include "state/epoch_record.h"

#include <xxhash.h>

#include "state/store.h"

namespace weir::state {

namespace {

constexpr char kVersion = 1;

void put_text(std::string& to, std::string_view text) {
  append_be64(to, text.size());
  to += text;
}

struct Reader {
  std::string_view rest;
  bool bad = false;

  std::uint64_t number() {
    if (rest.size() < 8) {
      bad = true;
      return 0;
    }
    const std::uint64_t value = read_be64(rest);
    rest.remove_prefix(8);
    return value;
  }
  std::string text() {
    const std::uint64_t size = number();
    if (bad || size > rest.size()) {
      bad = true;
      return {};
    }
    std::string found(rest.substr(0, size));
    rest.remove_prefix(size);
    return found;
  }
};

}  // namespace

std::string write_record(const EpochRecord& record) {
  std::string out(1, kVersion);
  append_be64(out, record.epoch);
  append_be64(out, record.key_groups);
  put_text(out, record.fingerprint);
  append_be64(out, record.sources.size());
  for (const auto& [name, position] : record.sources) {
    put_text(out, name);
    append_be64(out, static_cast<std::uint64_t>(position.offset));
    put_text(out, position.text);
  }
  append_be64(out, record.watermarks.size());
  for (const auto& [name, watermark] : record.watermarks) {
    put_text(out, name);
    append_be64(out, static_cast<std::uint64_t>(watermark));
  }
  append_be64(out, record.idle.size());
  for (const std::string& name : record.idle) put_text(out, name);
  append_be64(out, record.fences.size());
  for (const auto& [name, fence] : record.fences) {
    put_text(out, name);
    put_text(out, fence);
  }
  append_be64(out, XXH64(out.data(), out.size(), 0));
  return out;
}

core::Result<EpochRecord> read_record(std::string_view bytes) {
  const auto damaged = [] {
    return core::fail(core::ErrorCode::kInternal, "reading the record of an epoch: it is damaged");
  };
  if (bytes.size() < 9) return damaged();
  const std::string_view body = bytes.substr(0, bytes.size() - 8);
  if (read_be64(bytes.substr(body.size())) != XXH64(body.data(), body.size(), 0)) return damaged();
  if (body.front() != kVersion) {
    return core::fail(core::ErrorCode::kInternal,
                      "reading the record of an epoch: a newer weir has written it");
  }
  Reader in{body.substr(1)};
  EpochRecord record;
  record.epoch = in.number();
  record.key_groups = static_cast<std::uint32_t>(in.number());
  record.fingerprint = in.text();
  for (std::uint64_t n = in.number(); n > 0 && !in.bad; --n) {
    const std::string name = in.text();
    const auto offset = static_cast<std::int64_t>(in.number());
    record.sources[name] = {offset, in.text()};
  }
  for (std::uint64_t n = in.number(); n > 0 && !in.bad; --n) {
    const std::string name = in.text();
    record.watermarks[name] = static_cast<std::int64_t>(in.number());
  }
  for (std::uint64_t n = in.number(); n > 0 && !in.bad; --n) record.idle.insert(in.text());
  for (std::uint64_t n = in.number(); n > 0 && !in.bad; --n) {
    const std::string name = in.text();
    record.fences[name] = in.text();
  }
  if (in.bad || !in.rest.empty()) return damaged();
  return record;
}

}  // namespace weir::state
