// Every limit of the engine, each with its reason. The relations between them are asserted below.
#pragma once

#include <cstddef>
#include <cstdint>

namespace lumbung {

// Transactions in one batch: with about 110 bytes a row a full batch stays below 1 MiB on the wire.
inline constexpr size_t kMaxBatch = 8190;

// Legs in one transaction: enough for a payroll slip or an SHU declaration, and small enough that a
// whole transaction always fits into one block (a transaction is never split over two blocks).
inline constexpr size_t kMaxLegs = 64;

// Bytes of the caller's text reference. SNAP allows 64 characters, ISO 20022 EndToEndId 35.
inline constexpr size_t kMaxTextBytes = 64;

// Bytes of the name of a cooperative, a branch or a terminal.
inline constexpr size_t kMaxNameBytes = 64;

// Entries in one block: 64 KiB of entries, the size at which a synced write is cheap per byte.
inline constexpr size_t kMaxBlockEntries = 512;

// Attachment bytes of one transaction or fact: a text, a related id and a fact's fields, with tags.
inline constexpr size_t kMaxAttachmentBytes = 192;

// Attachment bytes of one block; the block is closed early when they run out.
inline constexpr size_t kMaxBlockAttachmentBytes = 64 * 1024;

// A sequence shares 64 bits with an outcome in the id window: 48 bits are 2.8e14 entries, which at
// 1.5 million a second last 5.9 years without a pause, and at the nation's rate many centuries.
inline constexpr uint64_t kMaxSequence = (uint64_t{1} << 48) - 1;

// How far a UUIDv7 may lie in the server's future. The proof that a young id can only be in the
// window (id_window.h) rests on it.
inline constexpr int64_t kMaxClockSkewNs = int64_t{5} * 60 * 1'000'000'000;

// The longest hold, in seconds: 30 days.
inline constexpr uint32_t kMaxHoldSeconds = 30u * 24 * 3600;

// The last second, since 1970, of an entry's time: a deadline after it fits into 32 bits. In
// January 2106; an entry made by a clock beyond it could never be followed by a right one.
inline constexpr int64_t kLastSecond = int64_t{UINT32_MAX} - kMaxHoldSeconds - 1;

// Holds that are expired before one request is applied: bounds the pause that a mass expiry makes.
inline constexpr size_t kMaxExpiriesPerRequest = 8192;

// Bits of the parts of an account id (account_id.h).
inline constexpr int kCooperativeBits = 24;
inline constexpr int kCodeBits = 14;
inline constexpr int kHolderBits = 26;

static_assert(kCooperativeBits + kCodeBits + kHolderBits == 64);
static_assert(kMaxLegs <= kMaxBlockEntries, "a transaction must fit into one block");
static_assert(kMaxAttachmentBytes <= kMaxBlockAttachmentBytes);
static_assert(kMaxLegs <= UINT8_MAX, "leg_count is one byte of an entry");

}  // namespace lumbung
