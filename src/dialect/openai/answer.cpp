#include "dialect/openai/answer.h"

#include <functional>

#include "base/text.h"
#include "dialect/openai/envelope.h"
#include "json/reader.h"

namespace sluice::dialect::openai {

namespace {

std::unexpected<Fault> protocol_fault(std::string detail) {
  Fault fault;
  fault.kind = FaultKind::kProviderProtocol;
  fault.told = "The provider sent an answer that cannot be read.";
  fault.detail = std::move(detail);
  fault.retry = Retry::kSame;
  return fail(std::move(fault));
}

std::unexpected<Fault> not_json(std::string_view what, const json::Broken& broken) {
  return protocol_fault(std::string(what) + " is not valid JSON: " + std::string(broken.why) + ", at byte " +
                        std::to_string(broken.offset));
}

// An error inside of a 200.
std::unexpected<Fault> provider_error(std::string_view text, json::Reader& reader) {
  Envelope envelope = read_envelope(text, reader);
  Fault fault;
  fault.kind = FaultKind::kProviderError;
  fault.told = tellable(envelope.message);
  if (fault.told.empty()) fault.told = "The provider reported an error in its answer.";
  fault.retry = retry_of(0, envelope);
  fault.code = printable(envelope.code, 100);
  fault.param = printable(envelope.param, 100);
  fault.detail = tellable(text);
  return fail(std::move(fault));
}

bool is_within(std::string_view part, std::string_view whole) {
  const std::less_equal<const char*> not_after;
  return not_after(whole.data(), part.data()) && not_after(part.data() + part.size(), whole.data() + whole.size());
}

std::string_view trim_all(std::string_view text) {
  return trim(text.substr(0, text.find_last_not_of(" \t\r\n") + 1));
}

// What a last event lacks to be a whole one.
std::string_view missing_end(std::string_view raw) {
  if (raw.ends_with("\n\n") || raw.ends_with("\n\r\n") || raw.ends_with("\r\r") || raw.ends_with("\n\r")) return "";
  return raw.ends_with('\n') || raw.ends_with('\r') ? "\n" : "\n\n";
}

// Writes an event again whose data came on several lines.
void append_event(std::string& out, std::string_view name, std::string_view data) {
  if (!name.empty()) {
    out += "event: ";
    out += name;
    out += '\n';
  }
  for (std::string_view line : split(data, '\n')) {
    out += "data: ";
    out += line;
    out += '\n';
  }
  out += '\n';
}

}  // namespace

Result<Learned> read_answer(Endpoint endpoint, std::string_view body, json::Reader& reader) {
  auto cursor = reader.scan(body);
  if (!cursor) return not_json("The answer", cursor.error());
  Learned learned;
  Choices choices;
  const Chunk chunk = read_chunk(endpoint, *cursor, learned, choices);
  if (!cursor->finish()) return not_json("The answer", *cursor->broken());
  if (chunk.error) return provider_error(body, reader);
  reader.shrink();
  return learned;
}

StreamReader::StreamReader(Endpoint endpoint, UsageView view, std::size_t max_event_bytes, json::Reader& reader)
    : endpoint_(endpoint),
      view_(facts(endpoint).usage_option ? view : UsageView::kShow),
      reader_(reader),
      max_event_bytes_(max_event_bytes),
      splitter_(max_event_bytes) {}

Result<std::span<const chat::Event>> StreamReader::feed(std::string_view bytes) {
  events_.clear();
  spliced_.clear();
  splices_.clear();
  Status taken;
  for (const http::SseFrame& frame : splitter_.feed(bytes)) {
    taken = take(frame);
    if (!taken) break;
  }
  settle();
  if (!taken) return fail_from(taken);
  if (splitter_.overflowed()) {
    return protocol_fault("An event is larger than " + format_size(max_event_bytes_));
  }
  return last_events();
}

Result<std::span<const chat::Event>> StreamReader::finish() {
  events_.clear();
  spliced_.clear();
  splices_.clear();
  const http::SseFrame frame = splitter_.finish();
  Status taken;
  if (frame.has_data) {
    taken = take(frame);
    // Half an event was cut off with the stream: that it cannot be read is no other fault than that.
    if (!taken && taken.error().kind == FaultKind::kProviderProtocol) taken = {};
    if (const auto end = missing_end(frame.raw); !events_.empty() && !end.empty()) {
      if (splices_.empty()) {
        splices_.push_back({0, 0, frame.raw.size()});
        spliced_ = frame.raw;
      }
      spliced_ += end;
      splices_.back().size += end.size();
    }
  }
  settle();
  if (!taken) return fail_from(taken);
  if (complete()) return last_events();
  Fault fault;
  fault.kind = FaultKind::kTruncated;
  fault.told = "The provider's answer ended before its end.";
  fault.retry = Retry::kSame;
  return fail(std::move(fault));
}

bool StreamReader::complete() const {
  return terminal_ || choices_.all_finished();
}

Status StreamReader::take(const http::SseFrame& frame) {
  if (!frame.has_data) {
    push(chat::EventKind::kPreamble, frame.raw);
    return {};
  }
  const std::string_view data = trim_all(frame.data);
  if (data == "[DONE]") {
    terminal_ = true;
    push(chat::EventKind::kFinish, frame.raw);
    return {};
  }
  if (!data.empty()) return take_json(frame);
  push(chat::EventKind::kOther, frame.raw);
  return {};
}

Status StreamReader::take_json(const http::SseFrame& frame) {
  auto cursor = reader_.scan_copy(frame.data);
  if (frame.event == "error") return provider_error(frame.data, reader_);
  if (!cursor) return not_json("An event", cursor.error());
  const Chunk chunk = read_chunk(endpoint_, *cursor, learned_, choices_);
  if (!cursor->finish()) return not_json("An event", *cursor->broken());
  if (chunk.error) return provider_error(frame.data, reader_);
  terminal_ = terminal_ || chunk.terminal;
  if (view_ == UsageView::kShow || chunk.usage_end == 0) {
    push(chunk.kind(), frame.raw);
  } else if (!chunk.usage || chunk.choice_count > 0 || !chunk.choices) {
    push_without_usage(chunk.kind(), frame, chunk);
  }
  return {};
}

void StreamReader::push_without_usage(chat::EventKind kind, const http::SseFrame& frame, const Chunk& chunk) {
  const std::size_t begin = spliced_.size();
  if (is_within(frame.data, frame.raw)) {
    const auto at = static_cast<std::size_t>(frame.data.data() - frame.raw.data());
    spliced_ += frame.raw.substr(0, at + chunk.usage_begin);
    spliced_ += frame.raw.substr(at + chunk.usage_end);
  } else {
    std::string data(frame.data.substr(0, chunk.usage_begin));
    data += frame.data.substr(chunk.usage_end);
    append_event(spliced_, frame.event, data);
  }
  splices_.push_back({events_.size(), begin, spliced_.size() - begin});
  push(kind, {});
}

// Gives the spliced events their wires, now that spliced_ grows no more.
void StreamReader::settle() {
  for (const Spliced& spliced : splices_) {
    events_[spliced.event].wire = std::string_view(spliced_).substr(spliced.begin, spliced.size);
  }
}

}  // namespace sluice::dialect::openai
