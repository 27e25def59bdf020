// What a caller sent, as a message to him repeats it.
#pragma once

#include <string>
#include <string_view>

namespace lumbung {

// In quotes, of a long text the beginning alone, and how long it was. A status travels in gRPC's
// metadata, of which a client takes 8 KiB: one that repeats a text of more would reach him as
// RESOURCE_EXHAUSTED, as if the server were full. Any thread.
std::string Quoted(std::string_view text);

}  // namespace lumbung
