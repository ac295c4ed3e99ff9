/// The processes of the nodes of one JVM.
///
/// ## Rooms
///
/// The classes form four rooms. A class knows only its own room and the rooms below it; a test
/// (`ArchitectureTest`) holds the table of classes. Packages would do the same, but would make the
/// classes public on the class path.
///
/// ```
/// face      LocalRuntime, Requests, SentRequest, CallGroup, FutureCall, CallFailures
///   |       MessageTimers; what the API calls
///   v
/// server    ServerProcess, Callbacks, StateTimeouts, RunMode
///   |       ServerStart, Initialization, StartOptions
///   |       CallerRun, Lending, TurnWatch, LongTurn
///   |       SystemMessages, Debug, ServerCrash
///   v
/// process   LocalNode, NameTable, ProcessTable; ProcessPid <- LocalPid, RemotePid
///   |       LocalProcess <- LifeCycle <- Ownership; SpawnedProcess, AttachedProcess
///   |       Spawning, Context
///   |       Workers, Worker, RunQueue, Scheduled, Ticker; Healer, SureRun
///   |       Mailbox <- BoundedMailbox, TravellingMailbox; Admission, LongMailbox, Envelope, Origin
///   |       ReplySlot, RequestWatch, WatchedRequest, DeferredRequests, CallCycles, CallDeadline
///   |       Monitor, Alias, Relations, Ancestry, Dictionary; ExitListener <- ExitFuture
///   |       RegisteredCleanup
///   |       Remotes, RemotePeer, RemoteProcess, RemoteCalls, RemoteRequest, RemoteRef
///   |       ExportedProcess
///   |       SendingTimer <- MessageTimer, PeriodicTimer
///   |       DeadLetterOffice, CrashLog, Thrown; Listeners, EventLog; TurnListeners
///   |       FlightRecording, FlightEvents
///   |       MessageContext, LogContext, LogEntries, LogLibrary <- Logback, Log4j; ProcessContextData
///   v
/// ground    Clock, TimerWheel, SharedTimer, PeriodicSweep, TimeUnits, Fairness, AdaptiveSpin
///           Threads, Access, Reports, StackRoom, MemoryWatch
///           Few, SafeText, ReportText, Reasons, CauseChain
/// ```
///
/// ## Where to begin
///
/// [io.genserver.runtime.Ownership] (which thread runs a process), [io.genserver.runtime.LifeCycle]
/// (how it lives and dies), [io.genserver.runtime.Mailbox], [io.genserver.runtime.Workers] (who
/// runs the servers), [io.genserver.runtime.Callbacks] (what a server does with a message),
/// [io.genserver.runtime.Lending] (turns on callers' threads), [io.genserver.runtime.ReplySlot] (a
/// call), [io.genserver.runtime.TimerWheel], [io.genserver.runtime.RemoteProcess] (what stands for
/// a process of another node). The words for memory accesses are defined in
/// [io.genserver.runtime.Access].
@NullMarked
package io.genserver.runtime;

import org.jspecify.annotations.NullMarked;
