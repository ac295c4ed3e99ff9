%% The benchmark operations on the BEAM.
%%
%% erl -noshell -run bench main OPERATION WARM_UP_MS TIME_MS
%%
%% Prints each figure as a line "= NAME VALUE", in ns or bytes.
-module(bench).
-export([main/1, each/3, in_each/2, times/2, equal/2, percentiles/1]).

main([Operation, WarmUp, Time]) ->
    Timing = {list_to_integer(WarmUp) * 1000000, list_to_integer(Time) * 1000000},
    logger:set_primary_config(level, none),
    {_, Ref} = spawn_monitor(fun() ->
        Measured = run(list_to_atom(Operation), Timing),
        [io:format("= ~s ~w~n", [Name, float(Value)]) || {Name, Value} <- Measured]
    end),
    receive
        {'DOWN', Ref, process, _, normal} -> halt(0);
        {'DOWN', Ref, process, _, Reason} -> io:format("~p~n", [Reason]), halt(1)
    end.

run('call-process', T) ->
    Server = counter:start(),
    each(5000, T, fun(N) ->
        Before = counter:value(Server),
        calls(Server, N),
        equal(Before + N, counter:value(Server))
    end);
run('call-8x1', T) -> calls(8, 1, T);
run('call-8x8', T) -> calls(8, 8, T);
run('inside-64', T) -> calls(64, 64, T);
run('mixed-1call-1cast', T) -> mixed(1, 1, T);
run('mixed-1call-9casts', T) -> mixed(1, 9, T);
run('mixed-8x8-1call-1cast', T) -> mixed(8, 1, T);
run('mixed-8x8-1call-9casts', T) -> mixed(8, 9, T);
run('cast-1x1', T) -> casts(1, T);
run('cast-4x1', T) -> casts(4, T);
run(send, T) ->
    Sink = spawn(fun() -> sink(0) end),
    put(sent, 0),
    each(100000, T, fun(N) ->
        times(N, fun() -> Sink ! data end),
        Sink ! {'end', self()},
        put(sent, get(sent) + N),
        receive {count, Count} -> equal(get(sent), Count) end
    end);
run('ping-pong', T) ->
    Server = spawn(fun pong/0),
    each(5000, T, fun(N) ->
        times(N, fun() -> Server ! {ping, self()}, receive pong -> ok end end)
    end);
run('request-reply', T) ->
    Server = counter:start(),
    put(last, 0),
    each(5000, T, fun(N) ->
        times(N, fun() ->
            Server ! {request, self()},
            receive {reply, Count} -> equal(put(last, Count) + 1, Count) end
        end)
    end);
run(ring, T) ->
    Self = self(),
    First = lists:foldl(
        fun(_, Next) -> spawn(fun() -> node_loop(Next) end) end, Self, lists:seq(1, 502)),
    each(50300, T, fun(N) -> equal(0, ring(First, N)) end);
run('server-ring', T) -> server_ring(503, 50300, 1, T);
run('server-ping-pong', T) -> server_ring(2, 5000, 2, T);
run(spawn, T) ->
    each(1000, T, fun(N) ->
        times(N, fun() ->
            {Pid, Ref} = spawn_monitor(fun() -> ok end),
            receive {'DOWN', Ref, process, Pid, normal} -> ok end
        end)
    end);
run('start-stop', T) ->
    each(1000, T, fun(N) ->
        times(N, fun() ->
            Server = counter:start(),
            ok = gen_server:stop(Server),
            false = is_process_alive(Server)
        end)
    end);
run(link, T) ->
    Other = counter:start(),
    each(10000, T, fun(N) ->
        times(N, fun() -> link(Other), unlink(Other) end),
        {links, []} = process_info(self(), links),
        link(Other),
        {links, [Other]} = process_info(self(), links),
        unlink(Other),
        {links, []} = process_info(self(), links)
    end);
run(monitor, T) ->
    Other = counter:start(),
    each(10000, T, fun(N) ->
        times(N, fun() -> true = demonitor(monitor(process, Other), [flush, info]) end)
    end);
run('agent-get', T) ->
    Agent = counter:start_agent(),
    counter:update(Agent),
    each(5000, T, fun(N) -> equal(N, gets(Agent, N, 0)) end);
run('agent-update', T) ->
    Agent = counter:start_agent(),
    each(5000, T, fun(N) ->
        Before = counter:get(Agent),
        times(N, fun() -> counter:update(Agent) end),
        equal(Before + N, counter:get(Agent))
    end);
run(lookup, T) ->
    Table = ets:new(registry, [public, {read_concurrency, true}]),
    Keys = keys(fun(I) -> list_to_binary("name" ++ integer_to_list(I)) end),
    [ets:insert(Table, {Key, {self(), 1}}) || Key <- tuple_to_list(Keys)],
    lookups(Keys, fun(Key) -> [_] = ets:lookup(Table, Key) end, T);
run(whereis, T) ->
    Keys = keys(fun(I) -> list_to_atom("name" ++ integer_to_list(I)) end),
    [register(Key, counter:start()) || Key <- tuple_to_list(Keys)],
    lookups(Keys, fun(Key) -> true = is_pid(whereis(Key)) end, T);
run(restart, {WarmUp, Time}) ->
    {ok, _} = counter:start_supervisor(permanent, [counter]),
    {ok, _} = supervisor:start_child(counter_sup, []),
    restarts(erlang:monotonic_time(nanosecond) + WarmUp, []),
    Samples = restarts(erlang:monotonic_time(nanosecond) + Time, []),
    percentiles(Samples);
run(Operation, T) ->
    first_of([bench_timers, bench_blocked, bench_many], Operation, T).

%% Returns what the first module measures that has the operation.
first_of([Module | More], Operation, T) ->
    case Module:run(Operation, T) of
        none -> first_of(More, Operation, T);
        Measured -> Measured
    end.

each(Size, {WarmUp, Time}, Batch) ->
    batches(Size, erlang:monotonic_time(nanosecond) + WarmUp, Batch, 0),
    Start = erlang:monotonic_time(nanosecond),
    Count = batches(Size, Start + Time, Batch, 0),
    [{"", (erlang:monotonic_time(nanosecond) - Start) / Count}].

batches(Size, End, Batch, Count) ->
    Batch(Size),
    case erlang:monotonic_time(nanosecond) < End of
        true -> batches(Size, End, Batch, Count + Size);
        false -> Count + Size
    end.

percentiles(Samples) ->
    Sorted = list_to_tuple(lists:sort(Samples)),
    Size = tuple_size(Sorted),
    Point = fun(Part) -> element(max(1, ceil(Part * Size)), Sorted) end,
    [{"p50", Point(0.5)}, {"p99", Point(0.99)}, {"p99.9", Point(0.999)}, {"worst", Point(1)}].

equal(Expected, Expected) -> ok.

times(0, _) -> ok;
times(N, F) -> F(), times(N - 1, F).

%% Runs a function in Count processes and waits for all.
in_each(Count, F) ->
    Started = [spawn_monitor(fun() -> F(I) end) || I <- lists:seq(1, Count)],
    [receive {'DOWN', Ref, process, Pid, Reason} -> equal(normal, Reason) end || {Pid, Ref} <- Started].

calls(_, 0) -> ok;
calls(Server, N) -> counter:increment(Server), calls(Server, N - 1).

calls(Callers, Servers, T) ->
    All = list_to_tuple([counter:start() || _ <- lists:seq(1, Servers)]),
    put(done, 0),
    each(Callers * 2000, T, fun(N) ->
        in_each(Callers, fun(I) -> calls(element(I rem Servers + 1, All), N div Callers) end),
        put(done, get(done) + N),
        equal(get(done), lists:sum([counter:value(Server) || Server <- tuple_to_list(All)]))
    end).

casts(Senders, T) ->
    Server = counter:start(),
    each(100000, T, fun(N) ->
        Before = counter:value(Server),
        Cast = fun(_) -> times(N div Senders, fun() -> counter:add(Server) end) end,
        case Senders of
            1 -> Cast(1);
            _ -> in_each(Senders, Cast)
        end,
        equal(Before + N, counter:value(Server))
    end).

%% Casts and calls from processes with a server each.
mixed(Pairs, Casts, T) ->
    All = list_to_tuple([counter:start() || _ <- lists:seq(1, Pairs)]),
    Rounds = 10000 div (Casts + 1),
    each(Pairs * Rounds * (Casts + 1), T, fun(_) ->
        in_each(Pairs, fun(I) ->
            Server = element(I, All),
            mix(Server, Rounds, Casts, counter:value(Server))
        end)
    end).

mix(_, 0, _, _) -> ok;
mix(Server, Rounds, Casts, Last) ->
    times(Casts, fun() -> counter:add(Server) end),
    Now = counter:increment(Server),
    equal(Last + Casts + 1, Now),
    mix(Server, Rounds - 1, Casts, Now).

%% Measures operations of some hops each in a ring of servers. Two servers that cast to each other are
%% a ring of two.
server_ring(Size, Count, Hops, T) ->
    First = ring_server:start(Size),
    put(passed, 0),
    Measured = each(Count, T, fun(N) ->
        ring_server:pass(First, N * Hops),
        put(passed, get(passed) + N * Hops)
    end),
    equal(get(passed), ring_server:handled(First, Size)),
    Measured.

sink(Count) ->
    receive
        data -> sink(Count + 1);
        {'end', From} -> From ! {count, Count}, sink(Count)
    end.

pong() ->
    receive {ping, From} -> From ! pong, pong() end.

node_loop(Next) ->
    receive {token, Left} -> Next ! {token, Left - 1}, node_loop(Next) end.

ring(First, Left) when Left > 0 ->
    First ! {token, Left - 1},
    receive {token, Now} -> ring(First, Now) end;
ring(_, Left) -> Left.

gets(_, 0, Sum) -> Sum;
gets(Agent, N, Sum) -> gets(Agent, N - 1, Sum + counter:get(Agent)).

keys(F) -> list_to_tuple([F(I) || I <- lists:seq(0, 1023)]).

lookups(Keys, Lookup, T) ->
    each(8 * 50000, T, fun(N) ->
        in_each(8, fun(_) -> some(N div 8, Keys, Lookup) end)
    end).

some(0, _, _) -> ok;
some(N, Keys, Lookup) -> Lookup(element(N rem 1024 + 1, Keys)), some(N - 1, Keys, Lookup).

restarts(End, Samples) ->
    Start = erlang:monotonic_time(nanosecond),
    case Start < End of
        true ->
            counter:crash(counter),
            equal(1, first_answer()),
            restarts(End, [erlang:monotonic_time(nanosecond) - Start | Samples]);
        false -> Samples
    end.

first_answer() ->
    try counter:increment(counter)
    catch exit:_ -> erlang:yield(), first_answer()
    end.
