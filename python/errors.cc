#include "python/errors.h"

#include <fmt/format.h>
#include <nanobind/nanobind.h>
#include <unistd.h>

#include <exception>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "base/error.h"
#include "base/stop.h"

namespace reverie::python {
namespace {

void translate(const std::exception_ptr& thrown, void*) {
  try {
    std::rethrow_exception(thrown);
  } catch (const base::UserError& error) {
    PyErr_SetString(PyExc_ValueError, error.what());
  } catch (const base::Interrupted&) {
    PyErr_SetString(PyExc_KeyboardInterrupt, "interrupted");
  } catch (const std::filesystem::filesystem_error& error) {
    PyErr_SetString(PyExc_OSError,
                    fmt::format("{}: {}", error.path1().string(), error.code().message()).c_str());
  } catch (const std::system_error& error) {
    PyErr_SetString(PyExc_OSError, error.what());
  }
}

}  // namespace

void translate_errors() { nanobind::register_exception_translator(translate); }

Owner::Owner() : process_(getpid()) {}

void Owner::check(const char* what) const {
  if (getpid() != process_)
    throw std::runtime_error(fmt::format(
        "{} was made before this process was forked, and its threads are not here; make a new one "
        "in this process",
        what));
}

Owner::Hold::Hold(Owner& owner, const char* what) : owner_(owner) {
  owner.check(what);
  if (owner.held_.test_and_set())
    throw std::runtime_error(fmt::format("{} is in use by another thread", what));
}

Owner::Hold::~Hold() { owner_.held_.clear(); }

}  // namespace reverie::python
