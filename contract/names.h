// Names: a list of names that many episodes share without copying it.
// A dataset may hold millions of episodes of one step, which all record the same signals.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace reverie::contract {

// Never changes; a copy is a pointer.
class Names {
 public:
  Names() = default;
  Names(std::vector<std::string> names)  // NOLINT(google-explicit-constructor): a list is what it is
      : names_(names.empty() ? nullptr : std::make_shared<const std::vector<std::string>>(std::move(names))) {
  }

  const std::vector<std::string>& list() const {
    static const std::vector<std::string> none;
    return names_ ? *names_ : none;
  }
  size_t size() const { return names_ ? names_->size() : 0; }
  bool empty() const { return size() == 0; }
  const std::string& operator[](size_t i) const { return list()[i]; }
  bool operator==(const Names& other) const { return names_ == other.names_ || list() == other.list(); }

 private:
  std::shared_ptr<const std::vector<std::string>> names_;  // null: none
};

}  // namespace reverie::contract
