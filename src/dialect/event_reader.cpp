#include "dialect/event_reader.h"

#include "dialect/faults.h"

namespace sluice::dialect {

namespace {

// What a last event lacks to be a whole one.
std::string_view missing_end(std::string_view raw) {
  if (raw.ends_with("\n\n") || raw.ends_with("\n\r\n") || raw.ends_with("\r\r") || raw.ends_with("\n\r")) return "";
  return raw.ends_with('\n') || raw.ends_with('\r') ? "\n" : "\n\n";
}

}  // namespace

void EventReader::begin_feed() {
  events_.clear();
  ends_.clear();
  pieces_.clear();
  made_.clear();
  texts_.reset();
}

void EventReader::emit(chat::EventKind kind, std::string_view wire) {
  events_.push_back({kind, wire, {}});
  if (!pieces_.empty() || !ends_.empty()) ends_of_last().pieces = pieces_.size();
}

EventReader::Ends& EventReader::ends_of_last() {
  ends_.resize(events_.size());
  return ends_.back();
}

void EventReader::emit_without(chat::EventKind kind, std::string_view raw, std::size_t cut_begin, std::size_t cut_end) {
  emit(kind, {});
  Ends& ends = ends_of_last();
  ends.is_made = true;
  ends.made_begin = made_.size();
  made_ += raw.substr(0, cut_begin);
  made_ += raw.substr(cut_end);
  ends.made_end = made_.size();
}

void EventReader::forget_pieces() {
  const std::size_t kept = ends_.empty() ? 0 : ends_.back().pieces;
  pieces_.erase(pieces_.begin() + static_cast<std::ptrdiff_t>(kept), pieces_.end());
}

void EventReader::extend_last(std::string_view more) {
  Ends& ends = ends_of_last();
  if (!ends.is_made) {
    ends.is_made = true;
    ends.made_begin = made_.size();
    made_ += events_.back().wire;
  }
  made_ += more;
  ends.made_end = made_.size();
}

std::span<const chat::Event> EventReader::settle() {
  std::size_t begin = 0;
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    const Ends& ends = ends_[i];
    events_[i].pieces = std::span(pieces_).subspan(begin, ends.pieces - begin);
    begin = ends.pieces;
    if (ends.is_made) {
      events_[i].wire = std::string_view(made_).substr(ends.made_begin, ends.made_end - ends.made_begin);
    }
  }
  if (!events_.empty()) events_.back().last = is_over();
  return events_;
}

Result<chat::Event> EventReader::one_event() {
  learned_.count_shown(learned_.usage.output);  // of a whole answer, wherever in it the usage stands
  return settle().front();
}

Status SseReader::take_frame(const http::SseFrame& frame) {
  if (frame.has_data) return take(frame);
  emit(chat::EventKind::kPreamble, frame.raw);
  return {};
}

Result<std::span<const chat::Event>> SseReader::feed(std::string_view bytes) {
  begin_feed();
  Status taken;
  for (const http::SseFrame& frame : splitter_.feed(bytes)) {
    taken = take_frame(frame);
    if (!taken) break;
  }
  settle();
  if (!taken) return fail_from(taken);
  if (splitter_.overflowed()) {
    return too_large_an_event("An event", options().max_event_bytes);
  }
  return last_events();
}

Result<std::span<const chat::Event>> SseReader::finish() {
  begin_feed();
  const http::SseFrame frame = splitter_.finish();
  bool ended = complete();
  Status taken;
  if (frame.has_data) {
    taken = take(frame);
    // Half an event was cut off with the stream: that it cannot be read is no other fault than that. What was read of
    // it does not count as an end.
    if (taken) ended = complete();
    if (!taken && taken.error().kind == FaultKind::kProviderProtocol) {
      forget_pieces();
      taken = {};
    }
    if (const auto end = missing_end(frame.raw); has_events() && !end.empty()) extend_last(end);
  }
  if (taken && ended) close();
  settle();
  if (!taken) return fail_from(taken);
  if (ended) return last_events();
  return truncated();
}

}  // namespace sluice::dialect
