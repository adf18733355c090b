#include "app/text_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/text.h"

namespace sluice::app {

std::expected<std::string, std::string> read_text_file(const std::string& file) {
  using Wrong = std::unexpected<std::string>;
  std::error_code error;
  if (std::filesystem::is_directory(file, error)) return Wrong("is a directory, not a file");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) return Wrong(std::string("cannot be read: ") + std::strerror(errno));
  std::string text(kLargestTextFile + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return Wrong(std::string("cannot be read: ") + std::strerror(errno));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kLargestTextFile) return Wrong("is larger than " + format_size(kLargestTextFile));
  return text;
}

}  // namespace sluice::app
