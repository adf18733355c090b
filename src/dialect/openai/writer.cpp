#include "dialect/openai/writer.h"

#include "dialect/openai/stream_writer.h"
#include "dialect/openai/whole_writer.h"

namespace sluice::dialect::openai {

std::unique_ptr<AnswerWriter> make_writer(const WriteOptions& options) {
  if (options.stream) return std::make_unique<StreamWriter>(options);
  return std::make_unique<WholeWriter>(options);
}

}  // namespace sluice::dialect::openai
