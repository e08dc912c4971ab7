#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <expat.h>

#include "core/number_text.h"
#include "mapping/formats/xml.h"

namespace weir::mapping {

namespace {

using core::Kind;
using core::Value;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n\b";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string_view local_name(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words) {
  for (const std::string_view word : words) {
    if (text == word) return true;
  }
  return false;
}

struct ParserFree {
  void operator()(XML_ParserStruct* parser) const { XML_ParserFree(parser); }
};

/// Builds values from expat's events. Handlers must not throw: expat is C.
class XmlReader {
 public:
  XmlReader(bool cast, const ArenaBudget& budget)
      : parser_(XML_ParserCreate(nullptr)), budget_(budget), cast_(cast) {}

  core::Result<Value> read(std::string_view text) {
    XML_ParserStruct* const parser = parser_.get();
    if (parser == nullptr)
      return core::fail(core::ErrorCode::kInternal, "no memory for the XML parser");
    XML_SetUserData(parser, this);
    XML_SetElementHandler(
        parser,
        [](void* self, const char* name, const char** attributes) {
          static_cast<XmlReader*>(self)->start_element(name, attributes);
        },
        [](void* self, const char*) { static_cast<XmlReader*>(self)->end_element(); });
    XML_SetCharacterDataHandler(parser, [](void* self, const char* data, int size) {
      static_cast<XmlReader*>(self)->text({data, static_cast<std::size_t>(size)});
    });
    XML_SetEntityDeclHandler(parser, [](void* self, const char*, int, const char*, int, const char*,
                                        const char*, const char*, const char*) {
      static_cast<XmlReader*>(self)->stop(
          {core::ErrorCode::kInvalidData, "entities of its own are not allowed"});
    });

    // Expat takes an int for a size.
    constexpr std::size_t kPiece = std::size_t{1} << 24;
    XML_Status status = XML_STATUS_OK;
    do {
      const std::string_view piece = text.substr(0, kPiece);
      text.remove_prefix(piece.size());
      status =
          XML_Parse(parser, piece.data(), static_cast<int>(piece.size()), text.empty() ? 1 : 0);
    } while (status == XML_STATUS_OK && !text.empty());

    if (done_) return root_;
    if (!error_.message.empty()) return core::fail(at_place(std::move(error_)));
    return core::fail(
        at_place({core::ErrorCode::kInvalidData, XML_ErrorString(XML_GetErrorCode(parser))}));
  }

 private:
  /// An element that is open.
  struct Frame {
    std::string_view name;
    Value object = Value::nothing();
    std::string text;
  };

  [[nodiscard]] core::Error at_place(core::Error error) const {
    error.message.append(" at line ")
        .append(std::to_string(XML_GetCurrentLineNumber(parser_.get())));
    error.message.append(" column ")
        .append(std::to_string(XML_GetCurrentColumnNumber(parser_.get()) + 1));
    return error;
  }

  void stop(core::Error error) {
    if (error_.message.empty()) error_ = std::move(error);
    XML_StopParser(parser_.get(), XML_FALSE);
  }

  /// False when memory is used up.
  bool check_budget() {
    if (!budget_.exceeded()) return true;
    stop(too_much_data().value());
    return false;
  }

  core::Arena& arena() const { return budget_.arena(); }

  void start_element(std::string_view name, const char** attributes) {
    if (depth_ == core::kMaxDepth - 1) return stop(too_deep().value());
    if (depth_ == frames_.size()) frames_.emplace_back();
    Frame& frame = frames_[depth_++];
    frame.name = arena().copy(local_name(name));
    frame.object = Value::nothing();
    frame.text.clear();
    for (; *attributes != nullptr; attributes += 2) {
      std::string key = "-";
      key += local_name(attributes[0]);
      put(frame, arena().copy(key), leaf(attributes[1]));
    }
    check_budget();
  }

  void text(std::string_view data) {
    if (depth_ > 0) frames_[depth_ - 1].text += data;
  }

  void end_element() {
    if (depth_ == 0) return;  // after stop()
    Frame& frame = frames_[--depth_];
    const std::string_view text = trimmed(frame.text);
    Value value = frame.object;
    if (value.is(Kind::kNothing)) {
      value = leaf(text);
    } else if (!text.empty()) {
      put(frame, "#text", leaf(text));
      value = frame.object;
    }
    if (!check_budget()) return;
    if (depth_ > 0) {
      add_child(frames_[depth_ - 1], frame.name, value);
      return;
    }
    root_ = Value::object(arena(), 1);
    core::append_member(root_, Value::string(frame.name), value, arena());
    done_ = true;
    XML_StopParser(parser_.get(), XML_FALSE);  // what follows the root element does not matter
  }

  void put(Frame& frame, std::string_view key, Value value) {
    if (frame.object.is(Kind::kNothing)) frame.object = Value::object(arena());
    core::set_member(frame.object, key, value, arena());
  }

  void add_child(Frame& parent, std::string_view name, Value value) {
    core::Member* const present =
        parent.object.is(Kind::kNothing) ? nullptr : core::find(parent.object, name);
    if (present == nullptr) return put(parent, name, value);
    if (present->value.is(Kind::kArray)) {  // an element's own value never is one
      if (core::size(present->value) >= core::kMaxMembers) return stop(too_much_data().value());
      core::append_item(present->value, value, arena());
      return;
    }
    const Value first = present->value;
    present->value = Value::array(arena(), 2);
    core::append_item(present->value, first, arena());
    core::append_item(present->value, value, arena());
  }

  [[nodiscard]] Value leaf(std::string_view text) const {
    if (cast_) {
      if (is_one_of(text, {"t", "T", "true", "True", "TRUE"})) return Value::boolean(true);
      if (is_one_of(text, {"f", "F", "false", "False", "FALSE"})) return Value::boolean(false);
      if (text.find_first_of("iInN") == std::string_view::npos) {  // no infinities, no NaN
        if (const auto number = core::parse_go_float64(text)) return Value::number(*number);
      }
    }
    return Value::string(arena().copy(text));
  }

  std::unique_ptr<XML_ParserStruct, ParserFree> parser_;
  const ArenaBudget& budget_;
  bool cast_;
  std::vector<Frame> frames_;  // the first depth_ are open
  std::size_t depth_ = 0;
  core::Error error_;
  Value root_;
  bool done_ = false;
};

}  // namespace

core::Result<Value> parse_xml(std::string_view text, bool cast, const ArenaBudget& budget) {
  return XmlReader(cast, budget).read(text);
}

}  // namespace weir::mapping
