#include <fcntl.h>
#include <unistd.h>

#include "app/commands.h"

namespace {

// One of the standard descriptors that is closed would be given to the next file that is opened, and what is printed
// would be written into that.
void open_standard_descriptors() {
  int opened = 0;
  while (opened >= 0 && opened <= STDERR_FILENO) opened = ::open("/dev/null", O_RDWR);
  if (opened > STDERR_FILENO) ::close(opened);
}

}  // namespace

int main(int argc, char** argv) {
  open_standard_descriptors();
  return sluice::app::run(argc, argv);
}
