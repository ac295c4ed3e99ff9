%% The operations on servers whose turns block in a socket.
-module(bench_blocked).
-export([run/2]).
-import(bench, [each/3, in_each/2, times/2, equal/2, percentiles/1]).

-define(TRIOS, 8).
-define(TURN, 30). % ms
-define(ENOUGH, 1000). % samples
-define(ROUNDS, 5). % of each trio in a batch
-define(SERVERS, 1000).
-define(SHORT_TURN, 10). % ms
-define(CLIENTS, 8).
-define(CALLS, 2000). % of each client in a batch

%% Returns none if the operation is not one of these.
run('behind-blocked', {WarmUp, Time}) ->
    Trios = list_to_tuple([
        {blocking:start_blocking(Socket), blocking:start_noting()}
     || Socket <- blocking:connections(?TRIOS, ?TURN)
    ]),
    rounds(Trios, now_ns() + WarmUp, 0, {[], []}),
    {Inside, Outside} = rounds(Trios, now_ns() + Time, ?ENOUGH, {[], []}),
    points("inside ", Inside) ++ points("outside ", Outside);
run('blocked-1000', T) ->
    Servers = list_to_tuple([counter:start() || _ <- lists:seq(1, ?SERVERS)]),
    put(done, 0),
    [{_, Alone}] = calls(Servers, T),
    Turns = counters:new(1, [write_concurrency]),
    Sockets = blocking:connections(?SERVERS, ?SHORT_TURN),
    [gen_server:cast(blocking:start_blocking(Socket), {loop, Turns}) || Socket <- Sockets],
    Begin = now_ns(),
    Before = counters:get(Turns, 1),
    [{_, Beside}] = calls(Servers, T),
    Turn = (now_ns() - Begin) * ?SERVERS / (counters:get(Turns, 1) - Before),
    true = Turn >= ?SHORT_TURN * 1000000,
    [{"alone", Alone}, {"beside", Beside}, {"turn", Turn}];
run(_, _) -> none.

now_ns() -> erlang:monotonic_time(nanosecond).

%% Runs rounds of all trios until the time is over and there are enough samples.
rounds(Trios, End, Enough, {Inside, Outside}) ->
    in_each(?TRIOS, fun(I) -> times(?ROUNDS, fun() -> round_of(element(I, Trios)) end) end),
    Noted = [blocking:noted(Noting) || {_, Noting} <- tuple_to_list(Trios)],
    {NewInside, NewOutside} = lists:unzip(Noted),
    equal(?TRIOS * ?ROUNDS, length(lists:append(NewInside))),
    equal(?TRIOS * ?ROUNDS, length(lists:append(NewOutside))),
    All = {lists:append([Inside | NewInside]), lists:append([Outside | NewOutside])},
    case now_ns() >= End andalso length(element(1, All)) >= Enough of
        true -> All;
        false -> rounds(Trios, End, Enough, All)
    end.

round_of({Blocking, Noting}) ->
    Begin = now_ns(),
    gen_server:cast(Blocking, {block, Noting, self()}),
    gen_server:cast(Noting, {sent, outside, Begin}),
    receive done -> ok end.

points(What, Samples) ->
    Points = [{What ++ Point, Value} || {Point, Value} <- percentiles(Samples)],
    Points ++ [{What ++ "samples", length(Samples)}].

calls(Servers, T) ->
    each(?CLIENTS * ?CALLS, T, fun(N) ->
        in_each(?CLIENTS, fun(Client) ->
            calls(Servers, Client, N div ?CLIENTS)
        end),
        put(done, get(done) + N),
        equal(get(done), lists:sum([counter:value(Server) || Server <- tuple_to_list(Servers)]))
    end).

calls(_, _, 0) -> ok;
calls(Servers, Client, N) ->
    counter:increment(element((N * ?CLIENTS + Client) rem ?SERVERS + 1, Servers)),
    calls(Servers, Client, N - 1).
