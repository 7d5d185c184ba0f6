// A camera that another program holds, for a browser started with LD_PRELOAD: /dev/video9 is listed with one format, and
// VIDIOC_S_FMT fails with EBUSY, which is what a V4L2 driver answers while somebody else streams.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

// An empty file, put there by busy-camera.ts.
static const char path[] = "/dev/video9";
static int (*next_ioctl)(int, unsigned long, ...);

static int is_camera(int fd) {
  char link[64], name[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, name, sizeof name);
  return length == (ssize_t)strlen(path) && memcmp(name, path, length) == 0;
}

int ioctl(int fd, unsigned long request, ...) {
  va_list list;
  va_start(list, request);
  void *argument = va_arg(list, void *);
  va_end(list);
  if (!next_ioctl) next_ioctl = dlsym(RTLD_NEXT, "ioctl");
  if (((request >> 8) & 0xff) != 'V' || !is_camera(fd)) return next_ioctl(fd, request, argument);
  switch ((unsigned int)request) {
    case VIDIOC_QUERYCAP: {
      struct v4l2_capability *capability = argument;
      memset(capability, 0, sizeof *capability);
      strcpy((char *)capability->driver, "busy");
      strcpy((char *)capability->card, "Busy camera");
      strcpy((char *)capability->bus_info, "platform:busy");
      capability->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
      capability->capabilities = capability->device_caps | V4L2_CAP_DEVICE_CAPS;
      return 0;
    }
    case VIDIOC_ENUM_FMT: {
      struct v4l2_fmtdesc *format = argument;
      if (format->index > 0 || format->type != V4L2_BUF_TYPE_VIDEO_CAPTURE) break;
      format->pixelformat = V4L2_PIX_FMT_YUYV;
      return 0;
    }
    case VIDIOC_ENUM_FRAMESIZES: {
      struct v4l2_frmsizeenum *size = argument;
      if (size->index > 0) break;
      size->type = V4L2_FRMSIZE_TYPE_DISCRETE;
      size->discrete.width = 640;
      size->discrete.height = 480;
      return 0;
    }
    case VIDIOC_ENUM_FRAMEINTERVALS: {
      struct v4l2_frmivalenum *interval = argument;
      if (interval->index > 0) break;
      interval->type = V4L2_FRMIVAL_TYPE_DISCRETE;
      interval->discrete.numerator = 1;
      interval->discrete.denominator = 30;
      return 0;
    }
    case VIDIOC_S_FMT:
      errno = EBUSY;
      return -1;
  }
  errno = EINVAL;
  return -1;
}
