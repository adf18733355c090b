// The "dialect" of our own pages under /admin: it has no endpoints, only a shape for errors.
//
//   {"error": {"code": "not_found", "message": "There is no deployment 'x'.", "field": "deployment"}}
//
// `field` is null where the error is about none. Thread rule: a constant.
#pragma once

#include "dialect/dialect.h"

namespace sluice::ingress {

const dialect::Server& own_pages();

}  // namespace sluice::ingress
