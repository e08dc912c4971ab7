#include <algorithm>

#include "config/mapping_fields.h"
#include "core/duration.h"
#include "core/time_zone.h"
#include "windowing/count_operator.h"
#include "windowing/specs.h"
#include "windowing/specs_internal.h"

namespace weir::windowing {

using config::Node;
using config::ReadContext;
using config::Spec;

namespace {

struct TumblingFields {
  Span size;
  Span offset;
  static const Spec<TumblingFields>& spec() {
    static const auto made =
        Spec<TumblingFields>()
            .field("size", &TumblingFields::size, {.doc = "Length of a window.", .required = true})
            .field("offset", &TumblingFields::offset, {.doc = "Where windows begin, from 1970."});
    return made;
  }
};

struct HoppingFields {
  Span size;
  Span slide;
  Span offset;
  bool gaps = false;
  static const Spec<HoppingFields>& spec() {
    static const auto made =
        Spec<HoppingFields>()
            .field("size", &HoppingFields::size, {.doc = "Length of a window.", .required = true})
            .field("slide", &HoppingFields::slide,
                   {.doc = "Distance between windows; any ratio to the size.", .required = true})
            .field("offset", &HoppingFields::offset, {.doc = "Where windows begin, from 1970."})
            .field("gaps", &HoppingFields::gaps,
                   {.doc = "Allow a slide above the size; rows between windows are dropped."});
    return made;
  }
};

struct CumulativeFields {
  Span max;
  Span step;
  Span offset;
  static const Spec<CumulativeFields>& spec() {
    static const auto made =
        Spec<CumulativeFields>()
            .field("max", &CumulativeFields::max,
                   {.doc = "Length of the longest window.", .required = true})
            .field("step", &CumulativeFields::step,
                   {.doc = "By how much windows grow; divides `max`.", .required = true})
            .field("offset", &CumulativeFields::offset, {.doc = "Where windows begin, from 1970."});
    return made;
  }
};

struct CalendarFields {
  std::string unit;
  std::int64_t n = 1;
  std::string timezone;
  std::string week_start = "monday";
  static const Spec<CalendarFields>& spec() {
    static const auto made =
        Spec<CalendarFields>()
            .field("unit", &CalendarFields::unit,
                   {.doc = "What a window lasts.",
                    .required = true,
                    .options = {{"day"}, {"week"}, {"month"}, {"quarter"}, {"year"}}})
            .field("n", &CalendarFields::n,
                   {.doc = "How many units, counted from 1970.", .min = 1, .max = 10'000})
            .field("timezone", &CalendarFields::timezone,
                   {.doc = "Zone whose calendar counts, e.g. `Europe/Berlin`. Default: UTC."})
            .field("week_start", &CalendarFields::week_start,
                   {.doc = "First day of a week.",
                    .options = {{"sunday"},
                                {"monday"},
                                {"tuesday"},
                                {"wednesday"},
                                {"thursday"},
                                {"friday"},
                                {"saturday"}}});
    return made;
  }
};

struct SessionFields {
  config::Any gap;
  config::Any max_duration;
  static const Spec<SessionFields>& spec() {
    static const auto made =
        Spec<SessionFields>()
            .field("gap", &SessionFields::gap,
                   {.doc = "Longest silence within a session: a duration, or an expression that "
                           "gives each row's own.",
                    .required = true})
            .field("max_duration", &SessionFields::max_duration,
                   {.doc = "Not supported yet.", .advanced = true});
    return made;
  }
};

struct CountFields {
  std::int64_t size = 0;
  std::optional<std::int64_t> every;
  static const Spec<CountFields>& spec() {
    static const auto made =
        Spec<CountFields>()
            .field("size", &CountFields::size,
                   {.doc = "Rows of a window.", .required = true, .min = 1, .max = 1'000'000})
            .field("every", &CountFields::every,
                   {.doc = "Rows between results. Default: the size.", .min = 1});
    return made;
  }
};

struct GlobalFields {
  static const Spec<GlobalFields>& spec() {
    static const auto made = Spec<GlobalFields>();
    return made;
  }
};

struct LookBackFields {
  Span range;
  static const Spec<LookBackFields>& spec() {
    static const auto made = Spec<LookBackFields>().field(
        "range", &LookBackFields::range,
        {.doc = "How far each row looks back: `(ts - range, ts]`.", .required = true});
    return made;
  }
};

/// The windows that may stand together in `windows`.
struct SpecFields {
  std::optional<TumblingFields> tumbling;
  std::optional<HoppingFields> hopping;
  std::optional<CumulativeFields> cumulative;
  std::optional<CalendarFields> calendar;
  std::optional<std::string> name;
  static const Spec<SpecFields>& spec() {
    static const auto made =
        Spec<SpecFields>()
            .field("tumbling", &SpecFields::tumbling, {.doc = "Windows side by side."})
            .field("hopping", &SpecFields::hopping, {.doc = "Windows that overlap."})
            .field("cumulative", &SpecFields::cumulative,
                   {.doc = "Windows that grow step by step."})
            .field("calendar", &SpecFields::calendar, {.doc = "Days, weeks, months of a zone."})
            .field("name", &SpecFields::name,
                   {.doc = "What `@window` says in results. Default: the kind and its number."});
    return made;
  }
};

struct WindowFields {
  config::Any key;
  std::optional<TumblingFields> tumbling;
  std::optional<HoppingFields> hopping;
  std::optional<CumulativeFields> cumulative;
  std::optional<CalendarFields> calendar;
  std::optional<SessionFields> session;
  std::optional<CountFields> count;
  std::optional<GlobalFields> global;
  std::optional<LookBackFields> look_back;
  std::vector<SpecFields> windows;
  config::Any aggregate;
  config::Any trigger;
  std::string mode = "accumulate";
  Span allowed_lateness;
  LateFields late;
  config::Any late_firing;
  config::Any result;
  config::Any ttl;
  static const Spec<WindowFields>& spec();
};

const Spec<WindowFields>& WindowFields::spec() {
  static const auto made =
      Spec<WindowFields>("window")
          .summary("Aggregates rows by key and window of event time.")
          .field("key", &WindowFields::key, {.doc = "Expression. Default: one key for all rows."})
          .field("tumbling", &WindowFields::tumbling, {.doc = "Windows side by side."})
          .field("hopping", &WindowFields::hopping, {.doc = "Windows that overlap."})
          .field("cumulative", &WindowFields::cumulative,
                 {.doc = "Windows that grow step by step."})
          .field("calendar", &WindowFields::calendar, {.doc = "Days, weeks, months of a zone."})
          .field("session", &WindowFields::session, {.doc = "Windows that end with a silence."})
          .field("count", &WindowFields::count, {.doc = "So many rows, as they arrive."})
          .field("global", &WindowFields::global, {.doc = "One window that never ends."})
          .field("look_back", &WindowFields::look_back,
                 {.doc = "For each row what came before it."})
          .field("windows", &WindowFields::windows,
                 {.doc = "Several kinds of window at once; `@window` names them."})
          .field("aggregate", &WindowFields::aggregate,
                 {.doc = "Results by name.", .required = true})
          .field("trigger", &WindowFields::trigger,
                 {.doc = "When results are given out. Default: when the window is over."})
          .field("mode", &WindowFields::mode,
                 {.doc = "What later results of a window hold.",
                  .options = {{"accumulate", "everything so far"},
                              {"discard", "what is new"},
                              {"retract", "everything; the result before is taken back first"}}})
          .field("allowed_lateness", &WindowFields::allowed_lateness,
                 {.doc = "How long a window that is over still takes rows."})
          .field("late", &WindowFields::late, {.doc = "Where rows go that came too late."})
          .field("late_firing", &WindowFields::late_firing,
                 {.doc = "`each` (a result for each late row) or `{ every: 5s }`."})
          .field("result", &WindowFields::result,
                 {.doc = "Mapping that shapes results; `this` is the key and the aggregates."})
          .field("ttl", &WindowFields::ttl,
                 {.doc = "Of `global`: how long a key stays without rows, or `none`."});
  return made;
}

/// Reads one `window`, checks it and turns it into an operator's config.
class Reading {
 public:
  Reading(const Node& node, const ReadContext& context, std::string label)
      : node_(node), context_(context) {
    config_.label = std::move(label);
  }

  std::function<std::unique_ptr<Operator>()> read(std::string& late_output) {
    if (!WindowFields::spec().read(node_, context_, fields_)) return nullptr;
    late_output = fields_.late.output;
    bool good = common();
    good = kinds() && good;
    if (!good) return nullptr;
    if (fields_.count) return count();
    if (fields_.look_back) return look_back();
    return [config = config_] { return std::make_unique<WindowOperator>(config); };
  }

 private:
  bool fail(std::string_view rule, const char* field, std::string message, std::string hint = "") {
    const Node* const at = node_.find(field);
    context_.error(rule, at != nullptr ? at->where : node_.where, std::move(message),
                   std::move(hint));
    return false;
  }

  bool common() {
    bool good = true;
    if (node_.find("key") != nullptr) {
      good = detail::read_expression(fields_.key.node, context_.below("key"), config_.key);
    }
    good = detail::read_aggregates(fields_.aggregate.node, context_.below("aggregate"),
                                   config_.aggregates) &&
           good;
    if (node_.find("trigger") != nullptr) {
      good =
          detail::read_trigger(fields_.trigger.node, context_.below("trigger"), config_.trigger) &&
          good;
    }
    if (node_.find("result") != nullptr) {
      good =
          detail::read_expression(fields_.result.node, context_.below("result"), config_.result) &&
          good;
    }
    config_.mode = fields_.mode == "discard"   ? PaneMode::kDiscard
                   : fields_.mode == "retract" ? PaneMode::kRetract
                                               : PaneMode::kAccumulate;
    config_.lateness = fields_.allowed_lateness.micros;
    if (config_.lateness < 0) good = fail("S004", "allowed_lateness", "lateness is not negative");
    const Node& firing = fields_.late_firing.node;
    if (node_.find("late_firing") != nullptr && firing.scalar != "each") {
      const Node* const every = firing.find("every");
      if (every == nullptr) {
        good = fail("S003", "late_firing", "expected `each` or `{ every: 5s }`");
      } else if (!detail::read_span(*every, context_.below("late_firing"), config_.late_every)) {
        good = false;
      } else if (config_.late_every <= 0) {
        good = fail("S004", "late_firing", "`every` must be above zero");
      }
    }
    return good;
  }

  bool merges() const {
    return std::all_of(config_.aggregates.begin(), config_.aggregates.end(),
                       [](const AggregateField& f) { return f.function->merges(); });
  }

  bool kinds() {
    const int given =
        (fields_.tumbling ? 1 : 0) + (fields_.hopping ? 1 : 0) + (fields_.cumulative ? 1 : 0) +
        (fields_.calendar ? 1 : 0) + (fields_.session ? 1 : 0) + (fields_.count ? 1 : 0) +
        (fields_.global ? 1 : 0) + (fields_.look_back ? 1 : 0) + (fields_.windows.empty() ? 0 : 1);
    if (given != 1) {
      return fail("S003", "windows",
                  given == 0 ? "no kind of window is given" : "more than one kind of window",
                  "one of tumbling, hopping, cumulative, calendar, session, count, global, "
                  "look_back, windows");
    }
    if (!fields_.global && node_.find("ttl") != nullptr) {
      return fail("S003", "ttl", "`ttl` goes with `global`: other windows end by themselves");
    }
    if (fields_.session) return session();
    if (fields_.global) return global();
    if (fields_.count || fields_.look_back) return without_panes();
    SpecFields single;
    single.tumbling = fields_.tumbling;
    single.hopping = fields_.hopping;
    single.cumulative = fields_.cumulative;
    single.calendar = fields_.calendar;
    if (fields_.windows.empty()) return assigned(single, 0);
    bool good = true;
    for (std::size_t i = 0; i < fields_.windows.size(); ++i) {
      good = assigned(fields_.windows[i], i) && good;
    }
    return good;
  }

  bool without_panes() {
    for (const char* field : {"trigger", "allowed_lateness", "late_firing"}) {
      if (node_.find(field) != nullptr) {
        return fail("S003", field,
                    "`" + std::string(field) + "` has no meaning for `" +
                        (fields_.count ? "count" : "look_back") + "`");
      }
    }
    if (config_.mode != PaneMode::kAccumulate) {
      return fail("S003", "mode", "each window gives one result: `mode` has no meaning here");
    }
    if (!merges() && (fields_.look_back ||
                      (fields_.count->every && *fields_.count->every != fields_.count->size))) {
      return fail("S010", "aggregate", "a fold without `merge` works in windows side by side only");
    }
    if (fields_.count && fields_.count->every.value_or(1) > fields_.count->size) {
      return fail("S004", "count", "`every` is larger than `size`");
    }
    if (fields_.look_back && fields_.look_back->range.micros <= 0) {
      return fail("S004", "look_back", "`range` must be above zero");
    }
    return true;
  }

  bool session() {
    config_.kind = WindowConfig::Kind::kSession;
    if (node_.find("session")->find("max_duration") != nullptr) {
      return fail("S003", "session", "`max_duration` is not supported yet");
    }
    if (!merges()) {
      return fail("S010", "aggregate", "sessions join: a fold needs `merge` here");
    }
    const Node& gap = fields_.session->gap.node;
    if (gap.is_scalar() && !gap.scalar.empty() &&
        (core::parse_duration(gap.scalar) ||
         gap.scalar.find_first_not_of("0123456789d") == std::string::npos)) {
      if (!detail::read_span(gap, context_.below("session"), config_.gap)) return false;
      if (config_.gap <= 0) return fail("S004", "session", "`gap` must be above zero");
      return true;
    }
    return detail::read_expression(gap, context_.below("gap"), config_.gap_expression);
  }

  bool global() {
    config_.kind = WindowConfig::Kind::kGlobal;
    if (node_.find("ttl") == nullptr) {
      return fail("S005", "global", "the state of a global window never ends",
                  "add `ttl: 24h`, or `ttl: none` if there are few keys");
    }
    if (!detail::read_lifetime(fields_.ttl.node, context_.below("ttl"), config_.ttl)) return false;
    if (!config_.trigger.fires_without_end()) {
      return fail("S010", "trigger", "nothing ever fires this window",
                  "a global window does not end: give a trigger such as `{ count: 100 }`");
    }
    if (config_.lateness != 0) {
      return fail("S003", "allowed_lateness", "a global window is never over");
    }
    return true;
  }

  bool assigned(const SpecFields& spec, std::size_t number) {
    const char* const at = fields_.windows.empty() ? nullptr : "windows";
    std::string kind;
    std::shared_ptr<const Assigner> made;
    int given = 0;
    if (spec.tumbling) {
      ++given;
      kind = "tumbling";
      const auto& f = *spec.tumbling;
      if (!sizes(at != nullptr ? at : "tumbling", f.size.micros, f.size.micros, f.offset.micros)) {
        return false;
      }
      made = make_tumbling(f.size.micros, f.offset.micros);
    }
    if (spec.hopping) {
      ++given;
      kind = "hopping";
      const auto& f = *spec.hopping;
      const char* const place = at != nullptr ? at : "hopping";
      if (!sizes(place, f.size.micros, f.slide.micros, f.offset.micros)) return false;
      if (f.slide.micros > f.size.micros && !f.gaps) {
        return fail("S004", place, "`slide` is larger than `size`: rows between windows are lost",
                    "write `gaps: true` if that is meant");
      }
      if (f.size.micros / f.slide.micros > 10'000) {
        return fail("S014", place, "more than 10000 slices for each key");
      }
      made = make_hopping({f.size.micros, f.slide.micros, f.offset.micros});
    }
    if (spec.cumulative) {
      ++given;
      kind = "cumulative";
      const auto& f = *spec.cumulative;
      const char* const place = at != nullptr ? at : "cumulative";
      if (!sizes(place, f.max.micros, f.step.micros, f.offset.micros)) return false;
      if (f.max.micros % f.step.micros != 0) {
        return fail("S004", place, "`step` does not divide `max`");
      }
      if (f.max.micros / f.step.micros > 10'000) {
        return fail("S014", place, "more than 10000 slices for each key");
      }
      made = make_cumulative({f.max.micros, f.step.micros, f.offset.micros});
    }
    if (spec.calendar) {
      ++given;
      kind = "calendar";
      const auto& f = *spec.calendar;
      const auto zone = core::load_zone(f.timezone);
      if (!zone) {
        return fail("S004", at != nullptr ? at : "calendar", zone.error().message,
                    "names are those of the IANA database: `Europe/Berlin`");
      }
      CalendarSpec calendar;
      using Unit = CalendarSpec::Unit;
      calendar.unit = f.unit == "week"      ? Unit::kWeek
                      : f.unit == "month"   ? Unit::kMonth
                      : f.unit == "quarter" ? Unit::kQuarter
                      : f.unit == "year"    ? Unit::kYear
                                            : Unit::kDay;
      calendar.count = f.n;
      calendar.zone = *zone;
      static constexpr std::string_view kDays[] = {"sunday",   "monday", "tuesday", "wednesday",
                                                   "thursday", "friday", "saturday"};
      calendar.week_start =
          static_cast<int>(std::find(std::begin(kDays), std::end(kDays), f.week_start) - kDays);
      made = make_calendar(calendar);
    }
    if (given != 1) return fail("S003", "windows", "each entry is exactly one kind of window");
    config_.specs.push_back(
        {spec.name ? *spec.name : kind + "_" + std::to_string(number), std::move(made)});
    return true;
  }

  bool sizes(const char* field, Micros size, Micros step, Micros offset) {
    if (size <= 0 || step <= 0) return fail("S004", field, "lengths must be above zero");
    if (offset >= size || offset <= -size) {
      return fail("S004", field, "`offset` is not smaller than the window");
    }
    return true;
  }

  std::function<std::unique_ptr<Operator>()> count() {
    CountConfig c;
    c.label = config_.label;
    c.key = config_.key;
    c.aggregates = config_.aggregates;
    c.size = static_cast<std::uint64_t>(fields_.count->size);
    c.every = static_cast<std::uint64_t>(fields_.count->every.value_or(fields_.count->size));
    c.result = config_.result;
    return [c] { return std::make_unique<CountOperator>(c); };
  }
  std::function<std::unique_ptr<Operator>()> look_back() {
    LookBackConfig c;
    c.label = config_.label;
    c.key = config_.key;
    c.aggregates = config_.aggregates;
    c.range = fields_.look_back->range.micros;
    c.result = config_.result;
    return [c] { return std::make_unique<LookBackOperator>(c); };
  }

  const Node& node_;
  const ReadContext& context_;
  WindowFields fields_;
  WindowConfig config_;
};

}  // namespace

std::function<std::unique_ptr<Operator>()> read_window(const Node& node, const ReadContext& context,
                                                       const std::string& label,
                                                       std::string& late_output) {
  return Reading(node, context, label).read(late_output);
}

}  // namespace weir::windowing
