// How soon a thread runs after it was woken, when the processors are busy.
//
// Since Linux 6.6 (EEVDF) a thread that runs may go on until its slice is over, 2.8 ms and in
// practice until the next tick, whoever was woken meanwhile and however nice it is; only who asked
// for a shorter slice than its own takes its place at once (since 6.12). A payment passes several
// threads, and each of its syncs is a sleep, so it would wait for that long several times: behind a
// checkpoint, the ids' index, a client on the same machine. A short slice takes no time from
// others: a thread's share stays the same.
#pragma once

namespace lumbung {

// Gives the calling thread a slice of 0.5 ms; where the system knows no such thing, or refuses,
// nothing. For threads that run shortly and that payments wait for.
void ShortenTimeSlice();

}  // namespace lumbung
