#pragma once

#include "yaml/events.h"
#include "yaml/text.h"

/// The names of the YAML parser that this folder works with.
namespace weir::config::yaml {

using weir::yaml::BadByte;
using weir::yaml::Event;
using weir::yaml::Events;
using weir::yaml::Failure;
using weir::yaml::find_bad_byte;
using weir::yaml::is_utf8;
using weir::yaml::line_column;
using weir::yaml::LineColumn;
using weir::yaml::parse_events;
using weir::yaml::parse_events_quickly;
using weir::yaml::Place;
using weir::yaml::quoted_end;
using weir::yaml::ScalarStyle;
using weir::yaml::skip_properties;
using weir::yaml::text_place;
using weir::yaml::utf8_length;

}  // namespace weir::config::yaml
