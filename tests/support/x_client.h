// Another X client: does to a window what a window manager, a keyboard and a file manager do.
#pragma once

#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <X11/keysym.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <initializer_list>
#include <string>
#include <thread>

namespace reverie::tests {

class XClient {
 public:
  explicit XClient(const std::string& display) : display_(XOpenDisplay(display.c_str())) {
    if (display_ != nullptr)
      own_ = XCreateSimpleWindow(display_, DefaultRootWindow(display_), 0, 0, 1, 1, 0, 0, 0);
  }
  ~XClient() {
    if (display_ != nullptr) XCloseDisplay(display_);
  }
  XClient(const XClient&) = delete;
  XClient& operator=(const XClient&) = delete;

  // The window whose title begins so; 0 when there is none.
  Window find(const std::string& title) {
    Window root = 0, parent = 0, *children = nullptr, found = 0;
    unsigned count = 0;
    XQueryTree(display_, DefaultRootWindow(display_), &root, &parent, &children, &count);
    for (unsigned i = 0; i < count; ++i) {
      char* name = nullptr;
      if (XFetchName(display_, children[i], &name) != 0 && name != nullptr) {
        if (std::string(name).starts_with(title)) found = children[i];
        XFree(name);
      }
    }
    if (children != nullptr) XFree(children);
    return found;
  }
  // The same, waited for up to `seconds`.
  Window wait_for(const std::string& title, double seconds) {
    for (int i = 0; i < static_cast<int>(seconds * 50); ++i) {
      if (const Window window = find(title)) return window;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return 0;
  }

  void resize(Window window, unsigned width, unsigned height) {
    XResizeWindow(display_, window, width, height);
    XFlush(display_);
  }

  void close(Window window) {
    message(window, "WM_PROTOCOLS", {static_cast<long>(atom("WM_DELETE_WINDOW")), CurrentTime});
  }

  void press(Window window, KeySym key) {
    for (const int type : {KeyPress, KeyRelease}) {
      XEvent event{};
      event.xkey.type = type;
      event.xkey.display = display_;
      event.xkey.window = window;
      event.xkey.root = DefaultRootWindow(display_);
      event.xkey.time = ++time_;
      event.xkey.same_screen = True;
      event.xkey.keycode = XKeysymToKeycode(display_, key);
      XSendEvent(display_, window, True, KeyPressMask, &event);
    }
    XFlush(display_);
  }

  // XDND, version 5. `frame` lets the window answer; false when it did not take the path within 200 frames.
  bool drop(Window window, const std::string& path, const std::function<void()>& frame) {
    const std::string text = "file://" + path + "\r\n";
    XSetSelectionOwner(display_, atom("XdndSelection"), own_, CurrentTime);
    message(window, "XdndEnter",
            {static_cast<long>(own_), 5L << 24, static_cast<long>(atom("text/uri-list"))});
    message(window, "XdndPosition",
            {static_cast<long>(own_), 0, 0, CurrentTime, static_cast<long>(atom("XdndActionCopy"))});
    bool dropped = false;
    for (int i = 0; i < 200; ++i) {
      frame();
      while (XPending(display_) > 0) {
        XEvent event;
        XNextEvent(display_, &event);
        if (event.type == ClientMessage && event.xclient.message_type == atom("XdndStatus") && !dropped) {
          message(window, "XdndDrop", {static_cast<long>(own_), 0, CurrentTime});
          dropped = true;
        }
        if (event.type == SelectionRequest) answer(event.xselectionrequest, text);
        if (event.type == ClientMessage && event.xclient.message_type == atom("XdndFinished")) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return false;
  }

 private:
  Atom atom(const char* name) { return XInternAtom(display_, name, False); }

  void message(Window window, const char* type, std::initializer_list<long> data) {
    XEvent event{};
    event.xclient.type = ClientMessage;
    event.xclient.display = display_;
    event.xclient.window = window;
    event.xclient.message_type = atom(type);
    event.xclient.format = 32;
    std::ranges::copy(data, event.xclient.data.l);
    XSendEvent(display_, window, False, NoEventMask, &event);
    XFlush(display_);
  }

  void answer(const XSelectionRequestEvent& request, const std::string& text) {
    XChangeProperty(display_, request.requestor, request.property, request.target, 8, PropModeReplace,
                    reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    XEvent event{};
    event.xselection.type = SelectionNotify;
    event.xselection.display = display_;
    event.xselection.requestor = request.requestor;
    event.xselection.selection = request.selection;
    event.xselection.target = request.target;
    event.xselection.property = request.property;
    event.xselection.time = request.time;
    XSendEvent(display_, request.requestor, False, NoEventMask, &event);
    XFlush(display_);
  }

  Display* display_;
  Window own_ = 0;
  Time time_ = 1000;
};

}  // namespace reverie::tests
