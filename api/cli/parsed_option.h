// Options whose text is read by one of the functions of parse.h. A text that can't be read is a
// usage error with that function's sentence.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace lumbung::cli {

template <typename T>
void Store(T& target, T value) {
  target = std::move(value);
}
template <typename T>
void Store(std::optional<T>& target, T value) {
  target = std::move(value);
}
template <typename T>
void Store(std::vector<T>& target, T value) {
  target.push_back(std::move(value));
}

// Adds `name` to the command. A vector as target collects repeated values; otherwise one is taken.
template <typename T, typename Target>
CLI::Option* AddParsed(CLI::App& app, const std::string& name, Target& target,
                       absl::StatusOr<T> (*parse)(std::string_view),
                       const std::string& description) {
  CLI::Option* option = app.add_option(
      name,
      [&target, parse](const CLI::results_t& texts) {
        for (const std::string& text : texts) {
          absl::StatusOr<T> value = parse(text);
          if (!value.ok()) return false;  // the check below has told why
          Store(target, *std::move(value));
        }
        return true;
      },
      description);
  option->check([parse](const std::string& text) {
    const absl::StatusOr<T> value = parse(text);
    return value.ok() ? std::string() : std::string(value.status().message());
  });
  option->type_name("NAME");
  if constexpr (std::is_same_v<Target, std::vector<T>>) {
    option->expected(1, CLI::detail::expected_max_vector_size);
    // `--kind A --kind B`: one value each, so that what follows is not swallowed.
    option->allow_extra_args(!name.starts_with("-"));
  } else {
    option->expected(1);
  }
  return option;
}

}  // namespace lumbung::cli
