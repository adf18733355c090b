#include "app/text_file.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/text.h"

namespace sluice::app {

namespace {

constexpr std::size_t kPiece = 64 << 10;

}  // namespace

std::expected<std::string, std::string> read_text_file(const std::string& file) {
  using Wrong = std::unexpected<std::string>;
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return Wrong("is a directory, not a file");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return Wrong(std::string("cannot be read: ") + std::strerror(errno));
  const auto size = std::filesystem::file_size(file, error);
  // A byte more than there are tells that these were all; what is no plain file comes in pieces.
  std::size_t piece = error || size == 0 ? kPiece : std::min<std::size_t>(size, kLargestTextFile) + 1;
  std::string text;
  while (stream && text.size() <= kLargestTextFile) {
    text.resize_and_overwrite(text.size() + piece, [&, before = text.size()](char* data, std::size_t) {
      stream.read(data + before, static_cast<std::streamsize>(piece));
      return before + static_cast<std::size_t>(stream.gcount());
    });
    piece = kPiece;
  }
  if (stream.bad()) return Wrong(std::string("cannot be read: ") + std::strerror(errno));
  if (text.size() > kLargestTextFile) return Wrong("is larger than " + format_size(kLargestTextFile));
  return text;
}

}  // namespace sluice::app
