// What the services share: the running engine and the ways to it. Made by Serve (serve.cc), which
// owns the parts; all of them outlive the gRPC server.
#pragma once

#include "api/server/backup.h"
#include "api/server/callback_thread.h"
#include "api/server/config.h"
#include "api/server/live_end.h"
#include "api/server/principal.h"
#include "api/server/readers.h"
#include "engine/clock.h"
#include "engine/id_window.h"
#include "engine/pipeline.h"
#include "storage/background.h"
#include "storage/derived_store.h"
#include "storage/history.h"
#include "storage/ledger_store.h"
#include "storage/transparency/transparency_log.h"

namespace lumbung {

struct EngineParts {
  const ServerConfig& config;
  const Authenticator& authenticator;
  Clock& clock;
  Pipeline& pipeline;
  CallbackThread::Afterwards& submitted;  // has the pipeline begin with what that thread submitted
  const IdWindow& ids;
  const LedgerStore& ledger;
  const DerivedStore& derived;
  const History& history;
  const Background& background;
  Readers& readers;
  Backups& backups;
  LiveEnd& live_end;
  TransparencyLog* transparency;  // null: switched off
  Timestamp started;
};

}  // namespace lumbung
