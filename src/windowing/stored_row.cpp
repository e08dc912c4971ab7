#include "windowing/stored_row.h"

namespace weir::windowing {

core::Result<StoredRow> StoredRow::of(const Row& row) {
  StoredRow stored;
  stored.ts = row.ts;
  Writer rank;
  write_rank(row.ts, row.origin, rank);
  stored.rank = rank.take();
  stored.source = std::string(row.origin.source);
  stored.position = row.origin.position;
  WEIR_TRY(const core::Value root, row.message->root());
  Writer document;
  WEIR_CHECK_OK(write_value(root, row.message->arena(), document));
  stored.document = document.take();
  Writer metadata;
  WEIR_CHECK_OK(write_value(row.message->metadata(), row.message->arena(), metadata));
  stored.metadata = metadata.take();
  return stored;
}

core::Message& StoredRow::emit(Output& out) const {
  core::Arena& arena = out.arena();
  Reader in(arena.copy(document));
  core::Message& message = out.emit(read_value(in, arena), ts, source, position);
  Reader meta(arena.copy(metadata));
  message.replace_metadata(read_value(meta, arena));
  return message;
}

void StoredRow::encode(Writer& out) const {
  out.integer(ts);
  out.text(rank);
  out.text(source);
  out.integer(position);
  out.text(document);
  out.text(metadata);
}

void StoredRow::decode(Reader& in) {
  ts = in.integer();
  rank = std::string(in.text());
  source = std::string(in.text());
  position = in.integer();
  document = std::string(in.text());
  metadata = std::string(in.text());
}

}  // namespace weir::windowing
