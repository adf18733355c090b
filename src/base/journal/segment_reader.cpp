#include "base/journal/segment_reader.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

namespace sluice::journal {

namespace {

constexpr std::size_t kChunk = 256 << 10;
constexpr std::size_t kMostFrame = kFrameHeadBytes + kMostRecord;

}  // namespace

Result<std::unique_ptr<SegmentReader>> SegmentReader::open(const std::string& directory, std::uint64_t number,
                                                           std::uint64_t offset) {
  auto path = segment_path(directory, number);
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) {
    auto fault = cannot("open", path).error();
    if (errno == ENOENT) fault.kind = FaultKind::kNotFound;
    return fail(std::move(fault));
  }
  return std::unique_ptr<SegmentReader>(new SegmentReader(std::move(file), std::max(offset, kHeadBytes)));
}

Status SegmentReader::read_head() {
  std::string bytes;
  if (auto read = file_.read(0, kHeadBytes, bytes); !read) return read;
  auto head = journal::read_head(bytes);
  if (head) {
    head_ = *head;
  } else if (head.error() == HeadProblem::kNewer) {
    return fail(FaultKind::kInvalidConfig, "The journal was written by a newer version of Sluice.");
  }
  return {};
}

Result<std::size_t> SegmentReader::fill(std::uint64_t end) {
  window_.erase(0, at_);
  base_ += at_;
  at_ = 0;
  auto before = window_.size();
  const auto from = base_ + before;
  const auto most = end > from ? std::min<std::uint64_t>(kChunk, end - from) : 0;
  if (auto read = file_.read(from, most, window_); !read) return fail_from(read);
  return window_.size() - before;
}

void SegmentReader::skip(std::size_t bytes) {
  if (bytes == 0) return;
  ++damage_.places;
  damage_.bytes += bytes;
  at_ += bytes;
}

Result<std::optional<Frame>> SegmentReader::next(std::uint64_t end) {
  if (!head_) {
    if (auto read = read_head(); !read) return fail_from(read);
    if (!head_) return std::nullopt;
  }
  while (true) {
    auto unread = std::string_view(window_).substr(at_);
    if (auto frame = read_frame(unread, head_->salt)) {
      at_ += frame->size();
      return frame;
    }
    auto got = fill(end);
    if (!got) return fail_from(got);
    unread = window_;
    if (*got > 0 && unread.size() < kMostFrame) continue;
    // What is missing cannot come any more, or does not: is there a whole record behind?
    auto found = find_frame(unread, head_->salt);
    if (found.frame) {
      skip(found.skipped);
    } else if (unread.size() >= 2 * kMostFrame) {
      skip(unread.size() - kMostFrame);
    } else if (*got == 0) {
      window_.clear();  // read again when there is more
      return std::nullopt;
    }
  }
}

Result<std::uint64_t> SegmentReader::torn() const {
  std::uint64_t torn = 0;
  std::string bytes;
  for (auto at = offset();; at += bytes.size()) {
    bytes.clear();
    if (auto read = file_.read(at, kChunk, bytes); !read) return fail_from(read);
    if (bytes.empty()) return torn;
    if (const auto last = bytes.find_last_not_of('\0'); last != std::string::npos) torn = at + last + 1 - offset();
  }
}

}  // namespace sluice::journal
