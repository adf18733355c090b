// What a dialect's folder offers: each one has a function dialect() that says so.
//
// Thread rule: constants.
#pragma once

#include <span>

#include "dialect/dialect.h"

namespace sluice::dialect {

struct Dialect {
  const Server* server = nullptr;  // null: clients cannot speak it
  std::span<const Client* const> clients;
};

}  // namespace sluice::dialect
