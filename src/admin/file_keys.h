// The keys of a configuration, of which there may be a hundred thousand: what several have in common is kept once, and
// of a key's text only the hash once it is known.
//
// Thread rule: a plain value; immutable once hashed.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/hmac.h"
#include "base/secret.h"
#include "base/text_index.h"
#include "store/directory.h"

namespace sluice::admin {

struct FileKey {
  store::KeyRow row;  // without id and hash
  Secret key;
};

class FileKeys {
 public:
  struct Key {
    std::string name;
    std::string prefix;
    Secret text;  // empty once it is hashed
    Sha256 digest{};
    std::shared_ptr<const store::KeyRow> rest;  // of this key and of others: without what stands here, and without id

    std::string id() const { return "file/" + name; }
    store::KeyRow row() const;
  };

  void reserve(std::size_t count) { keys_.reserve(count); }
  void push_back(FileKey key);
  // When all are there: find() finds them from then on.
  void hash(const Hmac& hash);

  const Key* find(std::string_view name) const;  // null: there is none
  std::size_t size() const { return keys_.size(); }
  const Key& operator[](std::size_t number) const { return keys_[number]; }
  auto begin() const { return keys_.begin(); }
  auto end() const { return keys_.end(); }

 private:
  std::vector<Key> keys_;
  std::unordered_map<std::string, std::shared_ptr<const store::KeyRow>> rests_;  // the last one of each team
  TextIndex names_;
};

}  // namespace sluice::admin
