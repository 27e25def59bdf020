// The fingerprint of a transaction's content, by which a repeat is told from a conflict. Over every
// field that decides what happens: step, purpose, where the legs come from, the legs as they were
// asked for, the related id, the amount asked for, the hold's duration, the reference and its text,
// branch, terminal and operator. Not over the device's clock and counter, which a resend may renew.
//
// It can be computed from a command and, to the same value, from the entries that the command made
// (accepted or declined), so that ids can be rebuilt from the ledger alone. 64 bits; it lives in
// memory and in the derived cold index only, so the function may change with a rebuild of these.
// Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/attachment.h"
#include "engine/command.h"
#include "engine/entry.h"

namespace lumbung {

uint64_t Fingerprint(const Post& post);
uint64_t Fingerprint(const Hold& hold);
uint64_t Fingerprint(const Capture& capture);
uint64_t Fingerprint(const Void& release);
uint64_t Fingerprint(const Refund& refund);
uint64_t Fingerprint(const Reverse& reverse);
// REQUIRES: one of these.
uint64_t Fingerprint(const Command& command);
// The legs of one transaction, and its attachment.
uint64_t Fingerprint(std::span<const Entry> legs, std::span<const std::byte> attachment);
// The same, of an attachment that is decoded already.
uint64_t FingerprintDecoded(std::span<const Entry> legs, const Attachment& decoded);

}  // namespace lumbung
