#include "dialect/anthropic/writer.h"

#include "dialect/anthropic/shape.h"

namespace sluice::dialect::anthropic {

std::unique_ptr<AnswerWriter> make_writer(const WriteOptions& options) {
  return options.stream ? make_stream_writer(options) : make_whole_writer(options);
}

}  // namespace sluice::dialect::anthropic
