#include "inputs/http_body.h"

#include <string_view>
#include <vector>

#include "codecs/compression.h"
#include "codecs/splitter.h"
#include "http/multipart.h"
#include "http/url.h"

namespace weir::inputs {

using core::Batch;
using core::Message;
using core::Value;

namespace {

tl::unexpected<BodyRefusal> refuse(int status, std::string text) {
  return tl::unexpected<BodyRefusal>({status, std::move(text)});
}

int status_of(const core::Error& error) {
  return error.code == core::ErrorCode::kLimit ? 413 : 400;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

/// `content-type` to `Content-Type`: the family's spelling.
std::string canonical(std::string_view name) {
  std::string result = lower(name);
  bool first = true;
  for (char& c : result) {
    if (first && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    first = c == '-';
  }
  return result;
}

tl::expected<std::shared_ptr<const core::Block>, BodyRefusal> decoded(http::Request& request,
                                                                      const BodyLimits& limits) {
  const auto encoding = request.headers.get("Content-Encoding");
  const std::string name = encoding ? lower(*encoding) : "";
  if (name.empty() || name == "identity") return request.body.release();
  codecs::Compression algorithm{};
  if (name == "gzip" || name == "x-gzip") {
    algorithm = codecs::Compression::kGzip;
  } else if (name == "deflate") {
    algorithm = codecs::Compression::kZlib;
  } else if (name == "zstd") {
    algorithm = codecs::Compression::kZstd;
  } else {
    return refuse(415, "Content-Encoding `" + name.substr(0, 40) +
                           "` is not known; gzip, deflate and zstd are");
  }
  codecs::DecompressLimits bounds;
  bounds.max_output_bytes = limits.bytes;
  bounds.max_ratio = 1000;
  auto plain = codecs::decompress(algorithm, request.body.view(), bounds);
  if (!plain) return refuse(status_of(plain.error()), plain.error().message);
  return core::Block::copy_of(*plain);
}

/// The metadata of all messages of a request, in the arena of the batch.
Value metadata_of(const http::Request& request, core::Arena& arena) {
  Value all = Value::object(arena, static_cast<std::uint32_t>(request.headers.size() + 8));
  const auto set = [&](std::string_view key, std::string_view value) {
    core::set_member(all, arena.copy(key), Value::string(arena.copy(value)), arena);
  };
  set("http_server_user_agent", request.headers.get("User-Agent").value_or(""));
  set("http_server_request_path", request.path);
  set("http_server_verb", request.method);
  std::string_view remote = request.remote;
  remote = remote.substr(0, remote.rfind(':'));
  if (remote.size() > 1 && remote.front() == '[') remote = remote.substr(1, remote.size() - 2);
  set("http_server_remote_ip", remote);
  if (!request.peer_subject.empty()) set("http_server_tls_subject", request.peer_subject);
  for (std::size_t i = request.headers.size(); i > 0; --i) {  // the first of a name wins
    set(canonical(request.headers[i - 1].name), request.headers[i - 1].value);
  }
  const auto query = http::parse_query(request.query);
  for (auto one = query.rbegin(); one != query.rend(); ++one) set(one->first, one->second);
  for (const auto& [key, value] : request.params) set(key, value);
  if (const auto cookies = request.headers.get("Cookie")) {
    for (const auto& [key, value] : http::parse_cookies(*cookies)) set(key, value);
  }
  return all;
}

bool is_ndjson(std::string_view type) {
  return type == "application/x-ndjson" || type == "application/ndjson" ||
         type == "application/jsonl" || type == "application/x-jsonlines" ||
         type == "application/jsonlines" || type == "application/json-lines";
}

// Slices of the block, found by `split`; false when there are too many.
tl::expected<void, BodyRefusal> add_parts(Batch& batch, std::uint32_t block, std::string_view text,
                                          const std::vector<codecs::RecordSpan>& spans,
                                          const BodyLimits& limits) {
  if (spans.size() > limits.messages) {
    return refuse(413, "the body holds more than " + std::to_string(limits.messages) + " messages");
  }
  batch.messages().reserve(spans.size());
  for (const codecs::RecordSpan& span : spans) {
    const std::string_view part = span.in(text);
    if (!part.empty()) batch.push(Message(batch.storage(), block, part));
  }
  return {};
}

tl::expected<void, BodyRefusal> add_lines(Batch& batch,
                                          const std::shared_ptr<const core::Block>& block,
                                          const BodyLimits& limits) {
  const std::string_view text = block->view();
  std::vector<codecs::RecordSpan> spans;
  const std::size_t used = codecs::split_lines(text, spans);
  if (used < text.size()) {
    std::size_t length = text.size() - used;
    if (text.back() == '\r') --length;
    spans.push_back({static_cast<std::uint32_t>(used), static_cast<std::uint32_t>(length)});
  }
  return add_parts(batch, batch.storage().add_block(block, text), text, spans, limits);
}

tl::expected<void, BodyRefusal> add_elements(Batch& batch,
                                             const std::shared_ptr<const core::Block>& block,
                                             const BodyLimits& limits) {
  const std::string_view text = block->view();
  codecs::JsonOptions options;
  options.max_record_bytes = std::max<std::size_t>(text.size(), 1);
  auto splitter = codecs::make_json_array_splitter(options);
  if (!splitter) return refuse(500, splitter.error().message);
  std::vector<codecs::RecordSpan> spans;
  std::size_t at = 0;
  while (true) {
    std::vector<codecs::RecordSpan> found;
    const codecs::SplitStep step = (*splitter)->split(text.substr(at), true, found);
    for (codecs::RecordSpan span : found) {
      span.offset += static_cast<std::uint32_t>(at);
      spans.push_back(span);
    }
    if (step.kind == codecs::SplitStep::Kind::kEnd) break;
    if (step.kind != codecs::SplitStep::Kind::kRecord) {
      return refuse(400, "reading the body as a JSON array: " + (*splitter)->error().message);
    }
    at += step.consumed;
  }
  return add_parts(batch, batch.storage().add_block(block, text), text, spans, limits);
}

bool looks_like_array(std::string_view text) {
  const std::size_t at = text.find_first_not_of(" \t\r\n");
  return at != std::string_view::npos && text[at] == '[';
}

}  // namespace

tl::expected<Batch, BodyRefusal> read_request(http::Request& request, BodySplit split,
                                              const BodyLimits& limits) {
  auto block = decoded(request, limits);
  if (!block) return tl::unexpected<BodyRefusal>(std::move(block).error());
  const std::string content_type(request.headers.get("Content-Type").value_or(""));
  const std::string type = http::media_type(content_type);
  Batch batch = Batch::fresh();
  const std::string_view text = (*block)->view();
  tl::expected<void, BodyRefusal> added;
  if (type.starts_with("multipart/")) {
    auto parts = http::parse_multipart(content_type, text, limits.messages);
    if (!parts) return refuse(status_of(parts.error()), parts.error().message);
    const std::uint32_t number = batch.storage().add_block(*block);
    for (const http::PartView& part : *parts)
      batch.push(Message(batch.storage(), number, part.body));
  } else if (split == BodySplit::kLines || (split == BodySplit::kAuto && is_ndjson(type))) {
    added = add_lines(batch, *block, limits);
  } else if (split == BodySplit::kJsonArray && looks_like_array(text)) {
    added = add_elements(batch, *block, limits);
  } else {
    batch.push(Message(batch.storage(), batch.storage().add_block(*block), text));
  }
  if (!added) return tl::unexpected<BodyRefusal>(std::move(added).error());
  if (batch.empty()) return batch;
  const Value metadata = metadata_of(request, batch.storage().arena());
  for (Message& message : batch) message.replace_metadata(metadata);
  return batch;
}

}  // namespace weir::inputs
