// SQLite's side of CrashDisk: https://www.sqlite.org/c3ref/vfs.html and io_methods.html.
#include <algorithm>
#include <cstring>
#include <new>

#include <vonglau/base/assert.hpp>

#include "crash_model.hpp"

namespace vl::store::testing {
namespace {

/// SQLite gives the memory and never runs a destructor: xClose does.
struct Handle {
  sqlite3_file base;
  CrashDisk::Model* model;
  FilePointer file;
  std::uint64_t generation;
  int lock;                    // SQLITE_LOCK_NONE and up
  std::uint32_t shared_locks;  // of the log's index, by bit
  std::uint32_t exclusive_locks;
};

Handle& handle(sqlite3_file* file) {
  return *reinterpret_cast<Handle*>(file);
}

/// The caller holds the mutex.
void release_index(Handle& h) {
  for (int i = 0; i < SQLITE_SHM_NLOCK; ++i) {
    const auto slot = static_cast<std::size_t>(i);
    if ((h.shared_locks >> i & 1) != 0) --h.file->shared_locks[slot];
    if ((h.exclusive_locks >> i & 1) != 0) h.file->exclusive_locks[slot] = false;
  }
  h.shared_locks = 0;
  h.exclusive_locks = 0;
}

void lower(Handle& h, int level) {
  SimulatedFile& f = *h.file;
  if (f.exclusive == &h) f.exclusive = nullptr;
  if (f.pending == &h) f.pending = nullptr;
  if (f.reserved == &h) f.reserved = nullptr;
  if (level == SQLITE_LOCK_NONE && h.lock >= SQLITE_LOCK_SHARED) --f.readers;
  h.lock = level;
}

int unlock_file(sqlite3_file* file, int level) {
  Handle& h = handle(file);
  const std::scoped_lock lock(h.model->mutex());
  if (level < h.lock) lower(h, level);
  return SQLITE_OK;
}

int close_file(sqlite3_file* file) {
  Handle& h = handle(file);
  {
    const std::scoped_lock lock(h.model->mutex());
    lower(h, SQLITE_LOCK_NONE);
    release_index(h);
  }
  std::destroy_at(&h.file);
  return SQLITE_OK;
}

int read_file(sqlite3_file* file, void* into, int length, sqlite3_int64 offset) {
  Handle& h = handle(file);
  return h.model->read(h.generation, *h.file, static_cast<std::uint8_t*>(into),
                       static_cast<std::size_t>(length), static_cast<std::size_t>(offset));
}

int write_file(sqlite3_file* file, const void* data, int length, sqlite3_int64 offset) {
  Handle& h = handle(file);
  const ByteView view(static_cast<const std::uint8_t*>(data), static_cast<std::size_t>(length));
  return h.model->write(h.generation, *h.file, view, static_cast<std::size_t>(offset));
}

int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  Handle& h = handle(file);
  return h.model->truncate(h.generation, *h.file, static_cast<std::size_t>(size));
}

int sync_file(sqlite3_file* file, int) {
  Handle& h = handle(file);
  return h.model->sync(h.generation, *h.file);
}

int size_of_file(sqlite3_file* file, sqlite3_int64* size) {
  Handle& h = handle(file);
  *size = h.model->size(*h.file);
  return SQLITE_OK;
}

int lock_file(sqlite3_file* file, int level) {
  Handle& h = handle(file);
  const std::scoped_lock lock(h.model->mutex());
  SimulatedFile& f = *h.file;
  const auto others = [&](const void* owner) { return owner != nullptr && owner != &h; };
  if (h.lock >= level) return SQLITE_OK;
  if (level == SQLITE_LOCK_SHARED) {
    if (others(f.pending) || others(f.exclusive)) return SQLITE_BUSY;
    ++f.readers;
  } else if (level == SQLITE_LOCK_RESERVED) {
    if (others(f.reserved) || others(f.pending)) return SQLITE_BUSY;
    f.reserved = &h;
  } else {
    if (others(f.reserved) || others(f.pending) || others(f.exclusive)) return SQLITE_BUSY;
    f.pending = &h;
    if (f.readers > 1) {
      h.lock = SQLITE_LOCK_PENDING;
      return SQLITE_BUSY;
    }
    f.exclusive = &h;
  }
  h.lock = level;
  return SQLITE_OK;
}

int check_reserved_lock(sqlite3_file* file, int* out) {
  Handle& h = handle(file);
  const std::scoped_lock lock(h.model->mutex());
  *out = h.file->reserved != nullptr || h.file->pending != nullptr;
  return SQLITE_OK;
}

int control_file(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
// As SQLite's own VFS says of a usual disk, though sectors here tear at 512.
int sector_size(sqlite3_file*) {
  return 4096;
}
int characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

int map_index(sqlite3_file* file, int region, int size, int extend, void volatile** out) {
  Handle& h = handle(file);
  const std::scoped_lock lock(h.model->mutex());
  auto& regions = h.file->regions;
  *out = nullptr;
  while (regions.size() <= static_cast<std::size_t>(region)) {
    if (extend == 0) return SQLITE_OK;
    regions.push_back(std::make_unique<Bytes>(static_cast<std::size_t>(size)));
  }
  *out = regions[static_cast<std::size_t>(region)]->data();
  return SQLITE_OK;
}

int lock_index(sqlite3_file* file, int first, int count, int flags) {
  Handle& h = handle(file);
  const std::scoped_lock lock(h.model->mutex());
  SimulatedFile& f = *h.file;
  const bool shared = (flags & SQLITE_SHM_SHARED) != 0;
  const auto mask = ((1U << count) - 1) << first;
  if ((flags & SQLITE_SHM_UNLOCK) != 0) {
    for (int i = first; i < first + count; ++i) {
      const auto slot = static_cast<std::size_t>(i);
      if (shared && (h.shared_locks >> i & 1) != 0) --f.shared_locks[slot];
      if (!shared && (h.exclusive_locks >> i & 1) != 0) f.exclusive_locks[slot] = false;
    }
    (shared ? h.shared_locks : h.exclusive_locks) &= ~mask;
    return SQLITE_OK;
  }
  for (int i = first; i < first + count; ++i) {
    const auto slot = static_cast<std::size_t>(i);
    const int mine = static_cast<int>(h.shared_locks >> i & 1);
    const bool elsewhere = f.exclusive_locks[slot] && (h.exclusive_locks >> i & 1) == 0;
    if (elsewhere || (!shared && f.shared_locks[slot] > mine)) return SQLITE_BUSY;
  }
  for (int i = first; i < first + count; ++i) {
    const auto slot = static_cast<std::size_t>(i);
    if (shared && (h.shared_locks >> i & 1) == 0) ++f.shared_locks[slot];
    if (!shared) f.exclusive_locks[slot] = true;
  }
  (shared ? h.shared_locks : h.exclusive_locks) |= mask;
  return SQLITE_OK;
}

void index_barrier(sqlite3_file* file) {
  const std::scoped_lock lock(handle(file).model->mutex());
}

int unmap_index(sqlite3_file* file, int remove) {
  Handle& h = handle(file);
  const std::scoped_lock lock(h.model->mutex());
  release_index(h);
  if (remove != 0) h.file->regions.clear();
  return SQLITE_OK;
}

constexpr sqlite3_io_methods methods{
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_of_file,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_reserved_lock,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_index,
    .xShmLock = lock_index,
    .xShmBarrier = index_barrier,
    .xShmUnmap = unmap_index,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

CrashDisk::Model& model_of(sqlite3_vfs* vfs) {
  return *static_cast<CrashDisk::Model*>(vfs->pAppData);
}

int open_on(sqlite3_vfs* vfs, const char* name, sqlite3_file* out, int flags, int* out_flags) {
  CrashDisk::Model& model = model_of(vfs);
  out->pMethods = nullptr;
  FilePointer file;
  if (const int code = model.open(name, flags, file); code != SQLITE_OK) return code;
  auto* h = reinterpret_cast<Handle*>(out);
  h->model = &model;
  new (&h->file) FilePointer(std::move(file));
  h->generation = model.generation();
  h->lock = SQLITE_LOCK_NONE;
  h->shared_locks = 0;
  h->exclusive_locks = 0;
  out->pMethods = &methods;
  if (out_flags) *out_flags = flags;
  return SQLITE_OK;
}

int delete_on(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  return model_of(vfs).remove(name, sync_folder != 0);
}

int access_on(sqlite3_vfs* vfs, const char* name, int, int* out) {
  *out = model_of(vfs).exists(name) ? 1 : 0;
  return SQLITE_OK;
}

int full_name(sqlite3_vfs*, const char* name, int size, char* out) {
  sqlite3_snprintf(size, out, "%s", name);
  return SQLITE_OK;
}

int randomness_on(sqlite3_vfs* vfs, int size, char* out) {
  for (int i = 0; i < size; ++i) out[i] = static_cast<char>(model_of(vfs).random());
  return size;
}

int sleep_on(sqlite3_vfs*, int us) {
  return us;
}

int time_on(sqlite3_vfs*, sqlite3_int64* out) {
  *out = sqlite3_int64{2'460'000} * 86'400'000;  // Julian day, in milliseconds
  return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) {
  return 0;
}

}  // namespace

std::unique_ptr<sqlite3_vfs> register_crash_vfs(CrashDisk::Model& model, const std::string& name) {
  auto vfs = std::make_unique<sqlite3_vfs>();
  vfs->iVersion = 2;
  vfs->szOsFile = sizeof(Handle);
  vfs->mxPathname = 512;
  vfs->zName = name.c_str();
  vfs->pAppData = &model;
  vfs->xOpen = open_on;
  vfs->xDelete = delete_on;
  vfs->xAccess = access_on;
  vfs->xFullPathname = full_name;
  vfs->xRandomness = randomness_on;
  vfs->xSleep = sleep_on;
  vfs->xCurrentTimeInt64 = time_on;
  vfs->xGetLastError = last_error;
  VL_ASSERT(sqlite3_vfs_register(vfs.get(), 0) == SQLITE_OK);
  return vfs;
}

}  // namespace vl::store::testing
