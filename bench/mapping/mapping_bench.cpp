// What a mapping costs per message, beside the loop that only copies lines: same data, same run.
//
// Blocks of 64 KiB are cut into lines, each line becomes a message, is mapped, and its payload is
// appended to an output block: what a pipeline does on one thread, minus reading and writing files.
// `ns` is per message.

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "core/block.h"
#include "core/json_text.h"
#include "core/message.h"
#include "core/time.h"
#include "mapping/mapping.h"
#include "mapping/values.h"

namespace weir::mapping {
namespace {

using core::Batch;
using core::Block;
using core::Message;
using core::Storage;

// About 195 bytes, ten flat members.
std::string event_line(core::Random& random) {
  static const char* const methods[] = {"GET", "POST", "PUT", "DELETE"};
  static const int codes[] = {200, 200, 200, 301, 404, 500};
  const auto pick = [&random](std::uint64_t n) { return random.next() % n; };
  return "{\"time\":\"2024-05-0" + std::to_string(1 + pick(9)) + "T12:0" +
         std::to_string(pick(10)) + ":01.123Z\",\"host\":\"web-" + std::to_string(10 + pick(90)) +
         "\",\"method\":\"" + methods[pick(4)] + "\",\"path\":\"/api/v1/items/" +
         std::to_string(1000 + pick(9000)) + "\",\"status\":" + std::to_string(codes[pick(6)]) +
         ",\"bytes\":" + std::to_string(100 + pick(90000)) + ",\"rt\":0." +
         std::to_string(100 + pick(900)) + ",\"agent\":\"Mozilla/5.0\",\"ip\":\"10." +
         std::to_string(10 + pick(90)) + "." + std::to_string(10 + pick(90)) +
         ".7\",\"id\":" + std::to_string(1000000 + pick(9000000)) + "}\n";
}

// About 1 KB, nested.
std::string order_line(core::Random& random) {
  const auto pick = [&random](std::uint64_t n) { return random.next() % n; };
  std::string out =
      "{\"order_id\":" + std::to_string(1000000 + pick(9000000)) +
      ",\"customer\":{\"id\":" + std::to_string(10000 + pick(90000)) +
      ",\"name\":\"J\\u00f6rg M\xc3\xbcller\",\"email\":\"joerg.mueller@example.com\",\"address\":{"
      "\"street\":\"Hauptstra\xc3\x9f"
      "e 12\",\"city\":\"Berlin\",\"zip\":\"10115\",\"country\":\"DE\","
      "\"geo\":{\"lat\":52.5200066,\"lon\":13.404954}}},\"status\":\"paid\",\"total\":" +
      std::to_string(10 + pick(990)) + ".95,\"currency\":\"EUR\",\"items\":[";
  for (int i = 0; i < 4; ++i) {
    if (i > 0) out += ',';
    out += "{\"sku\":\"SKU-" + std::to_string(10000 + pick(90000)) + "\",\"name\":\"Thing number " +
           std::to_string(i) + " of the order\",\"quantity\":" + std::to_string(1 + pick(9)) +
           ",\"price\":" + std::to_string(1 + pick(99)) +
           ".49,\"tags\":[\"a\",\"bb\",\"ccc\"],\"weight\":0." + std::to_string(100 + pick(899)) +
           "}";
  }
  out +=
      "],\"payment\":{\"method\":\"card\",\"last4\":\"1234\",\"paid_at\":\"2024-05-01T12:00:00Z\"},"
      "\"notes\":\"please ring "
      "twice\",\"flags\":{\"gift\":false,\"express\":true},\"source\":\"web\"}\n";
  return out;
}

struct Data {
  std::vector<std::shared_ptr<Block>> blocks;
  std::size_t lines = 0;
  std::size_t bytes = 0;
};

Data make_data(std::string (*line)(core::Random&)) {
  core::SeededRandom random(7);
  Data data;
  for (int i = 0; i < 64; ++i) {
    std::string text;
    while (text.size() < 64 * 1024 - 2048) {
      text += line(random);
      ++data.lines;
    }
    auto block = Block::allocate(text.size());
    std::memcpy(block->data(), text.data(), text.size());
    block->resize(text.size());
    data.bytes += text.size();
    data.blocks.push_back(std::move(block));
  }
  return data;
}

const Data& events() {
  static const Data data = make_data(event_line);
  return data;
}
const Data& orders() {
  static const Data data = make_data(order_line);
  return data;
}

// The best time each block ever took: what is left when neighbours on the machine are quiet.
class Best {
 public:
  explicit Best(const Data& data) : data_(data), best_(data.blocks.size(), 1e9) {}
  template <class Work>
  void time(std::size_t block, Work&& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    best_[block] = std::min(best_[block], took.count());
  }
  void finish(benchmark::State& state) const {
    double sum = 0;
    for (const double one : best_) sum += one;
    state.counters["ns"] = sum / static_cast<double>(data_.lines);
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(data_.bytes));
  }

 private:
  const Data& data_;
  std::vector<double> best_;
};

void line_copy(benchmark::State& state, const Data& data) {
  std::vector<char> out(128 * 1024);
  Best best(data);
  for (auto _ : state) {
    for (std::size_t n = 0; n < data.blocks.size(); ++n)
      best.time(n, [&] {
        const auto& block = data.blocks[n];
        const char* at = block->data();
        const char* const end = at + block->size();
        char* to = out.data();
        while (at < end) {
          const auto* stop =
              static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
          const auto size = static_cast<std::size_t>(stop - at);
          std::memcpy(to, at, size);
          to[size] = '\n';
          to += size + 1;
          at = stop + 1;
        }
        benchmark::DoNotOptimize(out.data());
        benchmark::ClobberMemory();
      });
  }
  best.finish(state);
}

template <class Work>
[[gnu::noinline]] void over_messages(benchmark::State& state, const Data& data, Work&& work) {
  core::Buffer out;
  Best best(data);
  for (auto _ : state) {
    for (std::size_t n = 0; n < data.blocks.size(); ++n)
      best.time(n, [&] {
        const auto& block = data.blocks[n];
        Batch batch = Batch::fresh();
        Storage& storage = batch.storage();
        const std::uint32_t number = storage.add_block(block, block->view());
        const char* at = block->data();
        const char* const end = at + block->size();
        while (at < end) {
          const auto* stop =
              static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
          batch.push(Message(storage, number, {at, static_cast<std::size_t>(stop - at)}));
          at = stop + 1;
        }
        out.clear();
        work(batch, out);
        benchmark::DoNotOptimize(out.data());
      });
  }
  best.finish(state);
}

void only_messages(benchmark::State& state, const Data& data) {
  over_messages(state, data, [](Batch& batch, core::Buffer& out) {
    for (Message& message : batch) {
      out.append(*message.payload());
      out.push('\n');
    }
  });
}

void only_parse(benchmark::State& state, const Data& data) {
  over_messages(state, data, [](Batch& batch, core::Buffer& out) {
    for (Message& message : batch) {
      if (!message.root()) std::abort();
      out.append(*message.payload());
      out.push('\n');
    }
  });
}

void mapping(benchmark::State& state, const Data& data, const char* text, bool mutation) {
  const auto compiled = Mapping::compile(text);
  if (!compiled) {
    state.SkipWithError(to_string(compiled.error()).c_str());
    return;
  }
  const Environment environment = Environment::system();
  core::SeededRandom random(1);
  Context context(environment, random);
  over_messages(state, data, [&](Batch& batch, core::Buffer& out) {
    context.bind(batch.messages(), 0);
    for (std::size_t i = 0; i < batch.size(); ++i) {
      context.select(i);
      const auto verdict =
          mutation ? compiled->mutate(context, batch[i]) : compiled->map(context, batch[i]);
      if (!verdict) std::abort();
      if (*verdict == Verdict::kDeleted) continue;
      const auto payload = batch[i].payload();
      if (!payload) std::abort();
      out.append(*payload);
      out.push('\n');
    }
  });
  state.SetLabel(std::string(compiled->plan()));
}

void add(const char* name, const Data& data, const char* text, bool mutation = false) {
  benchmark::RegisterBenchmark(name, [&data, text, mutation](benchmark::State& state) {
    mapping(state, data, text, mutation);
  });
}

// ---- the same by hand, on the same values: what the language could cost at best

using core::Arena;
using core::Kind;
using core::Value;

class Reader {
 public:
  explicit Reader(Value object) : object_(object) {}
  // `hint` is kept between messages, as mappings keep theirs.
  Value get(std::string_view key, std::uint32_t& hint) const {
    const core::Member* const found = core::find(object_, key, hint);
    return found == nullptr ? Value::null() : found->value;
  }

 private:
  Value object_;
};

template <class Make>
void by_hand(const char* name, const Data& data, Make make) {
  benchmark::RegisterBenchmark(name, [&data, make](benchmark::State& state) {
    over_messages(state, data, [&make](Batch& batch, core::Buffer& out) {
      for (Message& message : batch) {
        const auto document = message.root();
        if (!document) std::abort();
        message.set_root(make(*document, message.arena()));
        const auto payload = message.payload();
        if (!payload) std::abort();
        out.append(*payload);
        out.push('\n');
      }
    });
  });
}

std::uint32_t hints[16];

Value six_by_hand(Value document, Arena& arena) {
  const Reader in(document);
  Value made = Value::object(arena, 6);
  const auto put = [&](std::string_view key, Value value) {
    core::append_member(made, Value::string(key), value, arena);
  };
  put("id", in.get("id", hints[0]));
  put("when", in.get("time", hints[1]));
  const std::string_view host = in.get("host", hints[2]).text(arena);
  const std::string_view ip = in.get("ip", hints[3]).text(arena);
  char* const who = static_cast<char*>(arena.allocate(host.size() + 1 + ip.size(), 1));
  std::memcpy(who, host.data(), host.size());
  who[host.size()] = ':';
  std::memcpy(who + host.size() + 1, ip.data(), ip.size());
  put("who", Value::string({who, host.size() + 1 + ip.size()}));
  put("failed", Value::boolean(as_integer(in.get("status", hints[4])).value_or(0) >= 500));
  put("size", Value::integer(as_integer(in.get("bytes", hints[5])).value_or(0) * 2));
  Value http = Value::object(arena, 1);
  core::append_member(http, Value::string("method"), in.get("method", hints[6]), arena);
  put("http", http);
  return made;
}

Value costs_by_hand(Value document, Arena& arena) {
  const Value items = Reader(document).get("items", hints[7]);
  Value made = Value::array(arena, core::size(items));
  for (const Value item : core::items(items)) {
    const Reader in(item);
    core::append_item(made,
                      Value::number(as_number(in.get("price", hints[8])).value_or(0) *
                                    as_number(in.get("quantity", hints[9])).value_or(0)),
                      arena);
  }
  return made;
}

Value many_by_hand(Value document, Arena& arena) {
  Value made = Value::array(arena, 4);
  for (const Value item : core::items(Reader(document).get("items", hints[7]))) {
    if (as_integer(Reader(item).get("quantity", hints[9])).value_or(0) > 4)
      core::append_item(made, core::share(item), arena);
  }
  return made;
}

Value pieces_by_hand(Value document, Arena&) {
  std::int64_t sum = 0;
  for (const Value item : core::items(Reader(document).get("items", hints[7])))
    sum += as_integer(Reader(item).get("quantity", hints[9])).value_or(0);
  return Value::integer(sum);
}

Value sorted_by_hand(Value document, Arena& arena) {
  const auto items = core::items(Reader(document).get("items", hints[7]));
  auto* const keyed = arena.array<std::pair<double, Value>>(items.count);
  for (std::uint32_t i = 0; i < items.count; ++i) {
    new (&keyed[i]) std::pair<double, Value>(
        as_number(Reader(items.first[i]).get("price", hints[8])).value_or(0), items.first[i]);
  }
  std::sort(keyed, keyed + items.count,
            [](const auto& a, const auto& b) { return a.first < b.first; });
  Value made = Value::array(arena, items.count);
  for (std::uint32_t i = 0; i < items.count; ++i)
    core::append_item(made, core::share(keyed[i].second), arena);
  return made;
}

Value dashes_by_hand(Value document, Arena& arena) {
  const std::string_view path = Reader(document).get("path", hints[10]).text(arena);
  char* const made = static_cast<char*>(arena.allocate(path.size(), 1));
  std::replace_copy(path.begin(), path.end(), made, '/', '-');
  return Value::string({made, path.size()});
}

Value unix_by_hand(Value document, Arena& arena) {
  const auto time = core::parse_rfc3339(Reader(document).get("time", hints[1]).text(arena));
  if (!time) std::abort();
  return Value::integer(time->seconds);
}

void register_pairs() {
  by_hand("events/T4_by_hand", events(), six_by_hand);
  by_hand("events/replace_by_hand", events(), dashes_by_hand);
  add("events/replace", events(), "root = this.path.replace_all(\"/\", \"-\")");
  by_hand("events/unix_by_hand", events(), unix_by_hand);
  add("events/unix", events(), "root = this.time.ts_unix()");
  by_hand("orders/map_each_by_hand", orders(), costs_by_hand);
  add("orders/map_each", orders(), "root = this.items.map_each(i -> i.price * i.quantity)");
  by_hand("orders/filter_by_hand", orders(), many_by_hand);
  add("orders/filter", orders(), "root = this.items.filter(i -> i.quantity > 4)");
  by_hand("orders/fold_by_hand", orders(), pieces_by_hand);
  add("orders/fold", orders(), "root = this.items.fold(0, f -> f.tally + f.value.quantity)");
  by_hand("orders/sort_by_by_hand", orders(), sorted_by_hand);
  add("orders/sort_by", orders(), "root = this.items.sort_by(i -> i.price)");
}

[[maybe_unused]] const bool registered = [] {
  benchmark::RegisterBenchmark("events/line_copy",
                               [](benchmark::State& s) { line_copy(s, events()); });
  benchmark::RegisterBenchmark("events/messages",
                               [](benchmark::State& s) { only_messages(s, events()); });
  benchmark::RegisterBenchmark("events/parse",
                               [](benchmark::State& s) { only_parse(s, events()); });
  add("events/filter", events(), "root = if this.status >= 500 { deleted() }");
  add("events/T2_mapping", events(),
      "root = this\nroot.kb = this.bytes / 1024\nroot = if this.status >= 500 { deleted() }");
  add("events/T2_mutation", events(),
      "root.kb = this.bytes / 1024\nroot = if this.status >= 500 { deleted() }", true);
  add("events/T4_six_assignments", events(),
      "root.id = this.id\nroot.when = this.time\nroot.who = this.host + \":\" + this.ip\n"
      "root.failed = this.status >= 500\nroot.size = this.bytes * 2\nroot.http.method = "
      "this.method");
  add("events/new_document_of_eight", events(),
      "root.a = this.id\nroot.b = this.time\nroot.c = this.host\nroot.d = this.status\nroot.e = "
      "this.bytes\n"
      "root.f = this.method\nroot.g = this.path\nroot.h = this.ip");
  benchmark::RegisterBenchmark("orders/line_copy",
                               [](benchmark::State& s) { line_copy(s, orders()); });
  benchmark::RegisterBenchmark("orders/parse",
                               [](benchmark::State& s) { only_parse(s, orders()); });
  add("orders/T3_mapping", orders(),
      "root = this\nroot.vat = this.total * 0.19\nroot = if this.customer.address.country != "
      "\"DE\" { deleted() }");
  add("orders/T3_mutation", orders(),
      "root.vat = this.total * 0.19\nroot = if this.customer.address.country != \"DE\" { deleted() "
      "}",
      true);
  register_pairs();
  return true;
}();

}  // namespace
}  // namespace weir::mapping
