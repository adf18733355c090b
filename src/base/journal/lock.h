// Who may write a journal, and with it the data directory it is in: one process. A file `lock` in its directory is
// locked as long as the process lives, and tells where to ask it.
//
// Thread rule: any thread, never a loop. Ownership: the File holds the lock, and gives it back when it is closed.
#pragma once

#include <string>
#include <string_view>

#include "base/journal/file.h"

namespace sluice::journal {

// Makes the directory where it is not there; the file is its owner's alone. Faults: kInvalidConfig: another process
// has it; the detail is what that has said of itself; kOverloaded: the disk.
Result<File> lock_directory(const std::string& directory);
// "http://127.0.0.1:8080", for who comes later.
void tell_holder(const File& lock, std::string_view place);

}  // namespace sluice::journal
