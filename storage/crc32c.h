// CRC-32C (Castagnoli; RFC 3720, appendix B.4) by the processor's own instruction.
//
// RocksDB puts a CRC-32C over every record of its log and over every blob, so each entry of the
// ledger passes through it twice. The RocksDB of Debian is built for processors without the
// instruction and works with tables, at about 1 GB/s: a tenth of the server's whole work. So
// crc32c.cc also defines rocksdb::crc32c::Extend, by which RocksDB's own calls reach Crc32c (the
// dynamic linker takes the program's symbol before the library's). It computes the same function,
// so files are the same byte for byte, whoever wrote them. A test shows that the program's symbol
// is the one that is found, and compares the two.
//
// Any thread. On x86-64 only, and there SSE 4.2 is required (x86-64-v2); elsewhere the library
// keeps its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace lumbung {

// The CRC of what `crc` is the CRC of, followed by `bytes`. Begin with 0.
uint32_t Crc32c(uint32_t crc, std::span<const std::byte> bytes);

}  // namespace lumbung
