#include "admin/file_keys.h"

#include <span>
#include <utility>

#include "base/workers.h"

namespace sluice::admin {

void FileKeys::push_back(FileKey key) {
  auto& row = key.row;
  Key made{.name = std::exchange(row.name, {}), .prefix = std::exchange(row.prefix, {}), .text = std::move(key.key)};
  auto& rest = rests_[row.team];
  if (!rest || *rest != row) rest = std::make_shared<const store::KeyRow>(std::move(row));
  made.rest = rest;
  keys_.push_back(std::move(made));
}

void FileKeys::hash(const Hmac& hash) {
  auto make = [&](std::size_t from, std::size_t to) {
    for (auto& key : std::span(keys_).subspan(from, to - from)) {
      key.digest = hash.of(key.text.reveal());
      key.text = Secret();
    }
  };
  constexpr std::size_t kMany = 10'000;  // that are worth a thread
  keys_.size() < kMany ? make(0, keys_.size()) : in_halves(keys_.size(), make);
  names_ = TextIndex(keys_.size());
  auto name_of = [this](std::size_t number) -> std::string_view { return keys_[number].name; };
  for (std::size_t i = 0; i < keys_.size(); ++i) names_.add(keys_[i].name, i, name_of);
  rests_.clear();
}

const FileKeys::Key* FileKeys::find(std::string_view name) const {
  auto found = names_.find(name, [this](std::size_t number) -> std::string_view { return keys_[number].name; });
  return found ? &keys_[*found] : nullptr;
}

store::KeyRow FileKeys::Key::row() const {
  auto row = *rest;
  row.id = id();
  row.name = name;
  row.hash = hex(digest);
  row.prefix = prefix;
  return row;
}

}  // namespace sluice::admin
