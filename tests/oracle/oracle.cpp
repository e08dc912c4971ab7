#include "oracle/oracle.h"

#include <algorithm>
#include <map>
#include <set>

namespace oracle {

using std::int64_t;

std::vector<int64_t> watermarks(const std::vector<Step>& steps, int partitions, int64_t lag) {
  std::vector<int64_t> of(static_cast<std::size_t>(partitions), kNone);
  std::vector<char> state(of.size(), 'a');
  std::vector<int64_t> out;
  int64_t merged = kNone;
  for (const Step& step : steps) {
    const auto p = static_cast<std::size_t>(step.partition);
    if (step.kind == Step::kIdle) state[p] = 'i';
    if (step.kind == Step::kFinish) state[p] = 'f';
    if (step.kind == Step::kRow) {
      state[p] = 'a';
      of[p] = std::max(of[p], step.ts - lag);
    }
    int64_t lowest = INT64_MAX;
    bool active = false;
    bool all_finished = true;
    for (std::size_t i = 0; i < of.size(); ++i) {
      if (state[i] == 'a') {
        active = true;
        lowest = std::min(lowest, of[i]);
      }
      if (state[i] != 'f') all_finished = false;
    }
    if (all_finished) merged = INT64_MAX;
    if (active) merged = std::max(merged, lowest);
    out.push_back(merged);
  }
  return out;
}

std::vector<Judged> judge(const std::vector<Step>& steps, int partitions, int64_t lag) {
  const auto after = watermarks(steps, partitions, lag);
  std::vector<Judged> out;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].kind != Step::kRow) continue;
    out.push_back({steps[i].key, steps[i].ts, steps[i].value, i == 0 ? kNone : after[i - 1],
                   static_cast<int>(i)});
  }
  return out;
}

namespace {

std::string text(int64_t number) {
  return std::to_string(number);
}

bool holds(const Span& w, int64_t ts) {
  return w.start <= ts && ts < w.end;
}

/// Every window of a spec near a time, whether it holds the time or not.
std::vector<Span> near(const Windows& spec, int64_t ts) {
  std::vector<Span> out;
  if (spec.kind == Windows::kHopping) {
    const int64_t reach = spec.size / spec.slide + 2;
    const int64_t middle = (ts - spec.offset) / spec.slide;
    for (int64_t k = middle - reach; k <= middle + reach; ++k) {
      const int64_t start = spec.offset + k * spec.slide;
      out.push_back({start, start + spec.size});
    }
    return out;
  }
  const int64_t middle = (ts - spec.offset) / spec.size;
  for (int64_t k = middle - 2; k <= middle + 2; ++k) {
    const int64_t start = spec.offset + k * spec.size;
    for (int64_t length = spec.slide; length <= spec.size; length += spec.slide) {
      out.push_back({start, start + length});
    }
  }
  return out;
}

struct Total {
  int n = 0;
  int64_t sum = 0;
  int64_t highest = INT64_MIN;
  void add(const Judged& row) {
    ++n;
    sum += row.value;
    highest = std::max(highest, row.value);
  }
};

std::string pane(int key, const Span& w, const char* timing, int index, const Total& t) {
  return "[" + text(key) + "," + text(w.start) + "," + text(w.end) + ",\"" + timing + "\"," +
         text(index) + "," + text(t.n) + "," + text(t.sum) + "," + text(t.highest) + "]";
}

struct Window {
  std::size_t spec;
  int key;
  int64_t start;
  int64_t end;
  bool operator<(const Window& o) const {
    return std::tie(spec, key, start, end) < std::tie(o.spec, o.key, o.start, o.end);
  }
};

/// Which rows each window takes; rows that none takes are late.
std::map<Window, std::vector<Judged>> contents(const std::vector<Judged>& rows,
                                               const std::vector<Windows>& specs, int64_t lateness,
                                               std::vector<int>& late) {
  std::map<Window, std::vector<Judged>> out;
  for (const Judged& row : rows) {
    bool any = false;
    bool taken = false;
    for (std::size_t s = 0; s < specs.size(); ++s) {
      for (const Span& w : near(specs[s], row.ts)) {
        if (!holds(w, row.ts)) continue;
        any = true;
        if (row.watermark != kNone && w.end + lateness <= row.watermark) continue;
        taken = true;
        out[{s, row.key, w.start, w.end}].push_back(row);
      }
    }
    if (any && !taken) late.push_back(row.number);
  }
  return out;
}

}  // namespace

Results windows(const std::vector<Judged>& rows, const std::vector<Windows>& specs,
                int64_t lateness) {
  Results out;
  for (const auto& [w, in] : contents(rows, specs, lateness, out.late)) {
    Total total;
    int index = 0;
    bool fired = false;
    for (const Judged& row : in) {
      const bool over = row.watermark != kNone && w.end <= row.watermark;
      if (over && !fired && total.n > 0) {
        out.rows.push_back(pane(w.key, {w.start, w.end}, "on_time", index++, total));
      }
      fired = fired || over;
      total.add(row);
      if (over) out.rows.push_back(pane(w.key, {w.start, w.end}, "late", index++, total));
    }
    if (!fired) out.rows.push_back(pane(w.key, {w.start, w.end}, "on_time", index, total));
  }
  return out;
}

Results windows_with_count(const std::vector<Judged>& rows, const Windows& spec, int64_t lateness,
                           int count, bool discard) {
  Results out;
  for (const auto& [w, in] : contents(rows, {spec}, lateness, out.late)) {
    Total total;
    int index = 0;
    int fresh = 0;
    bool fired = false;
    const auto give = [&](const char* timing) {
      out.rows.push_back(pane(w.key, {w.start, w.end}, timing, index++, total));
      if (discard) total = Total();
      fresh = 0;
    };
    const auto end = [&] {
      if (total.n > 0 && (!discard || fresh > 0)) give("on_time");
      fired = true;
    };
    for (const Judged& row : in) {
      const bool over = row.watermark != kNone && w.end <= row.watermark;
      if (over && !fired) end();
      total.add(row);
      ++fresh;
      if (over) {
        give("late");
      } else if (fresh == count) {
        give("early");
      }
    }
    if (!fired) end();
  }
  return out;
}

Results sessions(const std::vector<Judged>& rows, int64_t gap, int64_t lateness) {
  Results out;
  std::map<int, std::vector<Judged>> live;
  struct Known {
    int index = 0;
    bool fired = false;
  };
  const auto last_of = [](const std::vector<Judged>& s) {
    int64_t last = INT64_MIN;
    for (const Judged& r : s) last = std::max(last, r.ts);
    return last;
  };
  const auto first_of = [](const std::vector<Judged>& s) {
    int64_t first = INT64_MAX;
    for (const Judged& r : s) first = std::min(first, r.ts);
    return first;
  };
  struct Session {
    std::vector<Judged> rows;
    int index = 0;
    bool fired = false;
  };
  std::map<int, std::vector<Session>> all;
  const auto give = [&](int key, Session& s, const char* timing) {
    Total total;
    for (const Judged& r : s.rows) total.add(r);
    out.rows.push_back(
        pane(key, {first_of(s.rows), last_of(s.rows) + gap}, timing, s.index++, total));
  };
  // Everything that the watermark brings about.
  const auto pass = [&](int64_t w) {
    for (auto& [key, sessions_of] : all) {
      for (Session& s : sessions_of) {
        if (s.fired || w == kNone || w <= last_of(s.rows) + gap) continue;
        s.fired = true;
        give(key, s, "on_time");
      }
      std::erase_if(sessions_of, [&](const Session& s) {
        return w != kNone && w >= last_of(s.rows) + gap + 1 + lateness;
      });
    }
  };
  for (const Judged& row : rows) {
    pass(row.watermark);
    Session joined;
    joined.rows.push_back(row);
    auto& mine = all[row.key];
    std::vector<Session> apart;
    bool touches = false;
    for (Session& s : mine) {
      bool near = false;
      for (const Judged& r : s.rows) near = near || std::abs(r.ts - row.ts) <= gap;
      // Within the session's span every time is near one of its rows.
      if (!near) {
        apart.push_back(s);
        continue;
      }
      touches = true;
      joined.rows.insert(joined.rows.end(), s.rows.begin(), s.rows.end());
      joined.index = std::max(joined.index, s.index);
    }
    const int64_t over = last_of(joined.rows) + gap + 1;
    if (row.watermark != kNone && over + lateness <= row.watermark) {
      out.late.push_back(row.number);
      continue;
    }
    (void)touches;
    if (row.watermark != kNone && over <= row.watermark) {
      joined.fired = true;
      give(row.key, joined, "late");
    }
    apart.push_back(joined);
    mine = apart;
  }
  pass(INT64_MAX);
  return out;
}

Results look_back(const std::vector<Judged>& rows, int64_t range) {
  Results out;
  std::vector<Judged> good;
  for (const Judged& row : rows) {
    if (row.watermark != kNone && row.ts < row.watermark) {
      out.late.push_back(row.number);
    } else {
      good.push_back(row);
    }
  }
  for (const Judged& row : good) {
    Total total;
    for (const Judged& other : good) {
      if (other.key == row.key && other.ts <= row.ts && other.ts > row.ts - range) {
        total.add(other);
      }
    }
    out.rows.push_back("[" + text(row.key) + "," + text(total.n) + "," + text(total.sum) + "," +
                       text(total.highest) + "]");
  }
  return out;
}

Results count_windows(const std::vector<Judged>& rows, int size, int every) {
  Results out;
  std::map<int, std::vector<Judged>> seen;
  for (const Judged& row : rows) {
    auto& mine = seen[row.key];
    mine.push_back(row);
    if (mine.size() % static_cast<std::size_t>(every) != 0) continue;
    Total total;
    const std::size_t from = mine.size() > static_cast<std::size_t>(size)
                                 ? mine.size() - static_cast<std::size_t>(size)
                                 : 0;
    for (std::size_t i = from; i < mine.size(); ++i) total.add(mine[i]);
    out.rows.push_back("[" + text(row.key) + "," + text(total.n) + "," + text(total.sum) + "," +
                       text(total.highest) + "]");
  }
  return out;
}

Results dedupe(const std::vector<Judged>& rows, int64_t ttl, bool refresh) {
  Results out;
  std::map<int, int64_t> first;
  for (const Judged& row : rows) {
    if (row.watermark != kNone && row.ts < row.watermark) {
      out.late.push_back(row.number);
      continue;
    }
    auto found = first.find(row.key);
    if (found != first.end() && row.watermark != kNone && row.watermark >= found->second + ttl) {
      first.erase(found);
      found = first.end();
    }
    if (found == first.end()) {
      first[row.key] = row.ts;
      out.rows.push_back(text(row.number));
      continue;
    }
    const bool same = std::abs(row.ts - found->second) < ttl;
    if (!same) out.rows.push_back(text(row.number));
    if (!same || refresh) found->second = std::max(found->second, row.ts);
  }
  return out;
}

Results top(const std::vector<Judged>& rows, const Windows& spec, int n, bool ties) {
  Results out;
  std::map<std::pair<int64_t, int64_t>, std::vector<std::pair<int, int>>> found;  // count, key
  for (const auto& [w, in] : contents(rows, {spec}, 0, out.late)) {
    found[{w.start, w.end}].emplace_back(static_cast<int>(in.size()), w.key);
  }
  for (auto& [w, keys] : found) {
    std::sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    for (std::size_t i = 0; i < keys.size(); ++i) {
      std::size_t better = 0;
      for (const auto& other : keys) better += other.first > keys[i].first ? 1U : 0U;
      const std::size_t rank = ties ? better : i;
      if (rank >= static_cast<std::size_t>(n)) continue;
      out.rows.push_back("[" + text(keys[i].second) + "," + text(w.first) + "," + text(w.second) +
                         "," + text(keys[i].first) + "," + text(static_cast<int64_t>(rank) + 1) +
                         "]");
    }
  }
  return out;
}

}  // namespace oracle
