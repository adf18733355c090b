// Answers as the toy's clients get them.
//
// Thread rule: one answer, one thread. Lifetime: the options' views outlive the writer.
#pragma once

#include <memory>

#include "dialect/dialect.h"

namespace sluice::dialect::toy {

std::unique_ptr<AnswerWriter> make_writer(const WriteOptions& options);

}  // namespace sluice::dialect::toy
