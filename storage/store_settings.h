// What a store is opened on. The default is the machine's own file system and the sizes of the
// field; the simulation brings a disk that fails, and sizes at which files change often.
#pragma once

#include <cstddef>

namespace rocksdb {
class Env;
}

namespace lumbung {

struct StoreSettings {
  rocksdb::Env* env = nullptr;    // null: the machine's. Must outlive the store
  size_t write_buffer_bytes = 0;  // of the ledger, before it goes from memory to a file; 0: 64 MiB
  size_t holds_in_a_table = 0;    // new ones in a checkpoint (hold_images.h); 0: 65,536
};

}  // namespace lumbung
