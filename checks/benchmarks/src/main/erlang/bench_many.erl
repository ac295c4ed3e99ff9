%% The operations on many servers.
-module(bench_many).
-export([run/2]).
-import(bench, [each/3, in_each/2, equal/2, percentiles/1]).

-define(SERVERS, 100000).
-define(USERS, 8).
-define(SETTLING, 3000). % ms
-define(SECONDS, 10).

run(idle, _) ->
    idle(100000, fun(_) -> counter:start() end, fun stop_each/1);
run('idle-supervised', _) ->
    {ok, Supervisor} = counter:start_supervisor(temporary, []),
    unlink(Supervisor),
    idle(100000,
        fun(_) -> {ok, Pid} = supervisor:start_child(Supervisor, []), Pid end,
        fun(_) -> gen_server:stop(Supervisor) end);
run('idle-named', _) ->
    idle(100000,
        fun(I) -> counter:start(list_to_atom("server" ++ integer_to_list(I))) end,
        fun stop_each/1);
run(million, _) ->
    idle(1000000, fun(_) -> counter:start() end, fun stop_each/1);
run('idle-cpu', _) ->
    Servers = [counter:start() || _ <- lists:seq(1, ?SERVERS)],
    [equal(1, counter:increment(Server)) || Server <- Servers],
    timer:sleep(?SETTLING),
    Before = processor_time(),
    timer:sleep(?SECONDS * 1000),
    Used = processor_time() - Before,
    [equal(2, counter:increment(Server)) || Server <- Servers],
    [{"", Used / ?SECONDS}];
run('active-100000', T) ->
    Handled = counters:new(1, [write_concurrency]),
    active(list_to_tuple([active:start(Handled) || _ <- lists:seq(1, ?SERVERS)]), Handled, T).

stop_each(Servers) -> lists:foreach(fun gen_server:stop/1, Servers).

idle(Count, Start, Stop) ->
    Few = [counter:start() || _ <- lists:seq(1, 10000)],
    stop_each(Few),
    garbage_collect(),
    Before = erlang:memory(total),
    Begin = erlang:monotonic_time(nanosecond),
    Servers = lists:map(Start, lists:seq(1, Count)),
    Started = erlang:monotonic_time(nanosecond) - Begin,
    garbage_collect(),
    Bytes = erlang:memory(total) - Before,
    BeginStop = erlang:monotonic_time(nanosecond),
    Stop(Servers),
    Stopped = erlang:monotonic_time(nanosecond) - BeginStop,
    false = lists:any(fun is_process_alive/1, Servers),
    [{"bytes", Bytes / Count}, {"start", Started / Count}, {"stop", Stopped / Count}].

%% Returns the CPU time in ns. Linux reports it in ns for each thread; elsewhere its ticks are 1 ms.
processor_time() ->
    case file:list_dir("/proc/self/task") of
        {ok, Tasks} -> lists:sum([processor_time(Task) || Task <- Tasks]);
        _ -> {Millis, _} = erlang:statistics(runtime), Millis * 1000000
    end.

processor_time(Task) ->
    case file:read_file("/proc/self/task/" ++ Task ++ "/schedstat") of
        {ok, Times} -> binary_to_integer(hd(binary:split(Times, <<" ">>)));
        _ -> 0 % the thread has ended since it was listed
    end.

active(Servers, Handled, T) ->
    put(done, 0),
    put(seed, 1),
    [{_, Call}] = each(?USERS * 5000, T, fun(N) ->
        in_each(?USERS, user(Servers, N div ?USERS, fun active:increment/1)),
        put(done, get(done) + N)
    end),
    check(Servers),
    put(cast, 0),
    [{_, Cast}] = each(?USERS * 25000, T, fun(N) ->
        in_each(?USERS, user(Servers, N div ?USERS, fun active:add/1)),
        put(cast, get(cast) + N),
        await(Handled, get(cast)),
        put(done, get(done) + N)
    end),
    check(Servers),
    Self = self(),
    Sampling = fun(Server) ->
        Begin = erlang:monotonic_time(nanosecond),
        active:increment(Server),
        put(samples, [erlang:monotonic_time(nanosecond) - Begin | get(samples)])
    end,
    User = user(Servers, 25000, Sampling),
    in_each(?USERS, fun(I) ->
        put(samples, []),
        User(I),
        Self ! {samples, get(samples)}
    end),
    Samples = lists:append([receive {samples, Some} -> Some end || _ <- lists:seq(1, ?USERS)]),
    equal(?USERS * 25000, length(Samples)),
    put(done, get(done) + length(Samples)),
    check(Servers),
    Points = [{"call " ++ Point, Value} || {Point, Value} <- percentiles(Samples)],
    [{"call", Call}, {"cast", Cast} | Points].

check(Servers) ->
    equal(get(done), lists:sum([active:value(Server) || Server <- tuple_to_list(Servers)])).

await(Handled, Casts) ->
    case counters:get(Handled, 1) of
        Casts -> ok;
        _ -> erlang:yield(), await(Handled, Casts)
    end.

%% Returns a body that uses servers at random, other ones in each batch.
user(Servers, Count, Use) ->
    Batch = put(seed, get(seed) + 1),
    fun(I) -> use(Servers, Count, rand:mwc59_seed(Batch * ?USERS + I), Use) end.

use(_, 0, _, _) -> ok;
use(Servers, Count, Random, Use) ->
    Use(element(Random rem ?SERVERS + 1, Servers)),
    use(Servers, Count - 1, rand:mwc59(Random), Use).
