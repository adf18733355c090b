#include "answer.h"

#include <strings.h>

#include <algorithm>
#include <charconv>

namespace sluice::bench {
namespace {

constexpr std::size_t kLongestHead = 64 << 10;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr std::string_view kEventField = "data:";

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

}  // namespace

AnswerReader::State AnswerReader::feed(std::string_view bytes) {
  while (!bytes.empty() && part_ != Part::kEnd && part_ != Part::kBroken) bytes = take(bytes);
  if (part_ == Part::kBroken || !bytes.empty()) return State::kBroken;
  return part_ == Part::kEnd ? State::kDone : State::kMore;
}

std::string_view AnswerReader::take(std::string_view bytes) {
  switch (part_) {
    case Part::kHead:
      return take_head(bytes);
    case Part::kFixed:
    case Part::kChunkData:
      return take_body(bytes);
    default:
      return take_line(bytes);
  }
}

std::string_view AnswerReader::take_head(std::string_view bytes) {
  const std::size_t before = line_.size();
  line_ += bytes;
  const std::size_t end = line_.find(kHeadEnd, before < 3 ? 0 : before - 3);
  if (end == std::string::npos) {
    if (line_.size() > kLongestHead) part_ = Part::kBroken;
    return {};
  }
  bytes.remove_prefix(end + kHeadEnd.size() - before);
  line_.resize(end + 2);
  read_head();
  line_.clear();
  return bytes;
}

void AnswerReader::read_head() {
  std::string_view head = line_;
  if (head.size() < 14 || !head.starts_with("HTTP/1.1 ")) {
    part_ = Part::kBroken;
    return;
  }
  std::from_chars(head.data() + 9, head.data() + 12, status_);
  part_ = Part::kBroken;  // until a length is found
  for (std::size_t end = head.find('\n'); end != std::string_view::npos; end = head.find('\n')) {
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end + 1);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, colon);
    const std::string_view value = trim(line.substr(colon + 1));
    if (same(name, "content-length")) {
      std::from_chars(value.data(), value.data() + value.size(), left_);
      part_ = left_ == 0 ? Part::kEnd : Part::kFixed;
    } else if (same(name, "transfer-encoding") && same(value, "chunked")) {
      part_ = Part::kChunkSize;
    }
  }
}

std::string_view AnswerReader::take_body(std::string_view bytes) {
  const std::size_t size = std::min<std::size_t>(bytes.size(), left_);
  count_events(bytes.substr(0, size));
  body_bytes_ += size;
  left_ -= size;
  if (left_ == 0) part_ = part_ == Part::kFixed ? Part::kEnd : Part::kChunkEnd;
  return bytes.substr(size);
}

std::string_view AnswerReader::take_line(std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  line_ += bytes.substr(0, end);
  if (line_.size() > kLongestHead) part_ = Part::kBroken;
  if (end == std::string_view::npos) return {};
  end_line();
  line_.clear();
  return bytes.substr(end + 1);
}

void AnswerReader::end_line() {
  const std::string_view line = trim(line_);
  switch (part_) {
    case Part::kChunkSize: {
      const auto [stop, error] = std::from_chars(line.data(), line.data() + line.size(), left_, 16);
      if (error != std::errc() || stop == line.data()) {
        part_ = Part::kBroken;
      } else {
        part_ = left_ == 0 ? Part::kTrailer : Part::kChunkData;
      }
      return;
    }
    case Part::kChunkEnd:
      part_ = line.empty() ? Part::kChunkSize : Part::kBroken;
      return;
    case Part::kTrailer:
      if (line.empty()) part_ = Part::kEnd;
      return;
    default:
      part_ = Part::kBroken;
      return;
  }
}

void AnswerReader::count_events(std::string_view body) {
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (in_line_) {
      i = body.find('\n', i);
      if (i == std::string_view::npos) return;
    }
    if (body[i] == '\n') {
      in_line_ = false;
      matched_ = 0;
    } else if (body[i] != kEventField[matched_]) {
      in_line_ = true;
    } else if (++matched_ == kEventField.size()) {
      ++events_;
      in_line_ = true;
    }
  }
}

}  // namespace sluice::bench
