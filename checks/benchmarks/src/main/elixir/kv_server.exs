# The key-value server of the guide: a registry of names, a supervisor of buckets, a supervisor of
# connections and, last, the acceptor. ./bench --kv compares kv with it.
#
#   elixir kv_server.exs PORT     (0 picks a port; the first line of the output names it)

defmodule Bench.Bucket do
  use GenServer

  def start_link(name), do: GenServer.start_link(__MODULE__, name, name: via(name))

  def via(name), do: {:via, Registry, {Bench.Names, name}}

  def get(bucket, key), do: GenServer.call(bucket, {:get, key})
  def put(bucket, key, value), do: GenServer.call(bucket, {:put, key, value})
  def delete(bucket, key), do: GenServer.call(bucket, {:delete, key})
  def subscribe(bucket), do: GenServer.cast(bucket, {:subscribe, self()})

  @impl true
  def init(_name), do: {:ok, {%{}, MapSet.new()}}

  @impl true
  def handle_call({:get, key}, _from, {values, _} = state) do
    {:reply, Map.get(values, key), state}
  end

  def handle_call({:put, key, value}, _from, {values, subscribers}) do
    tell(subscribers, {:put, key, value})
    {:reply, :ok, {Map.put(values, key, value), subscribers}}
  end

  def handle_call({:delete, key}, _from, {values, subscribers}) do
    tell(subscribers, {:delete, key})
    {:reply, :ok, {Map.delete(values, key), subscribers}}
  end

  @impl true
  def handle_cast({:subscribe, pid}, {values, subscribers}) do
    Process.monitor(pid)
    {:noreply, {values, MapSet.put(subscribers, pid)}}
  end

  @impl true
  def handle_info({:DOWN, _monitor, :process, pid, _reason}, {values, subscribers}) do
    {:noreply, {values, MapSet.delete(subscribers, pid)}}
  end

  defp tell(subscribers, message), do: Enum.each(subscribers, &send(&1, message))
end

defmodule Bench.Request do
  alias Bench.Bucket

  def parse(line) do
    case String.split(line) do
      ["CREATE", bucket] -> {:create, bucket}
      ["PUT", bucket, key, value] -> {:put, bucket, key, value}
      ["GET", bucket, key] -> {:get, bucket, key}
      ["DELETE", bucket, key] -> {:delete, bucket, key}
      ["SUBSCRIBE", bucket] -> {:subscribe, bucket}
      _ -> :unknown
    end
  end

  def run(:unknown), do: "UNKNOWN COMMAND\r\n"

  def run({:create, bucket}) do
    case DynamicSupervisor.start_child(Bench.Buckets, {Bucket, bucket}) do
      {:ok, _} -> "OK\r\n"
      {:error, {:already_started, _}} -> "OK\r\n"
    end
  end

  def run({:put, bucket, key, value}) do
    with_bucket(bucket, fn pid ->
      Bucket.put(pid, key, value)
      "OK\r\n"
    end)
  end

  def run({:get, bucket, key}) do
    with_bucket(bucket, fn pid -> [Bucket.get(pid, key) || "", "\r\nOK\r\n"] end)
  end

  def run({:delete, bucket, key}) do
    with_bucket(bucket, fn pid ->
      Bucket.delete(pid, key)
      "OK\r\n"
    end)
  end

  def run({:subscribe, bucket}) do
    with_bucket(bucket, fn pid ->
      Bucket.subscribe(pid)
      :subscribed
    end)
  end

  defp with_bucket(name, fun) do
    case Registry.lookup(Bench.Names, name) do
      [{pid, _}] -> fun.(pid)
      [] -> "NOT FOUND\r\n"
    end
  end
end

defmodule Bench.Server do
  def child_spec(port) do
    %{id: __MODULE__, start: {Task, :start_link, [fn -> listen(port) end]}, restart: :permanent}
  end

  defp listen(port) do
    {:ok, listener} =
      :gen_tcp.listen(port, [
        :binary,
        packet: :line,
        active: false,
        reuseaddr: true,
        nodelay: true,
        backlog: 1024,
        ip: {127, 0, 0, 1}
      ])

    {:ok, chosen} = :inet.port(listener)
    IO.puts("elixir is ready on 127.0.0.1:#{chosen} (pid #{System.pid()})")
    accept(listener)
  end

  defp accept(listener) do
    {:ok, client} = :gen_tcp.accept(listener)

    {:ok, pid} =
      Task.Supervisor.start_child(Bench.Connections, fn ->
        receive do
          :yours -> serve(client)
        end
      end)

    :ok = :gen_tcp.controlling_process(client, pid)
    send(pid, :yours)
    accept(listener)
  end

  defp serve(client) do
    case :gen_tcp.recv(client, 0) do
      {:ok, line} ->
        case line |> Bench.Request.parse() |> Bench.Request.run() do
          :subscribed -> push(client)
          reply -> :ok = :gen_tcp.send(client, reply)
        end

        serve(client)

      {:error, _closed} ->
        exit(:shutdown)
    end
  end

  # Only messages from here on: what the client sends is discarded.
  defp push(client) do
    :inet.setopts(client, active: true)

    receive do
      {:put, key, value} -> :ok = :gen_tcp.send(client, [key, " SET TO ", value, "\r\n"])
      {:delete, key} -> :ok = :gen_tcp.send(client, [key, " DELETED\r\n"])
      {:tcp_closed, ^client} -> exit(:shutdown)
      {:tcp_error, ^client, _} -> exit(:shutdown)
      {:tcp, ^client, _} -> :ok
    end

    push(client)
  end
end

[port] = System.argv()

{:ok, _} =
  Supervisor.start_link(
    [
      {Registry, name: Bench.Names, keys: :unique},
      {DynamicSupervisor, name: Bench.Buckets, strategy: :one_for_one},
      {Task.Supervisor, name: Bench.Connections},
      {Bench.Server, String.to_integer(port)}
    ],
    strategy: :one_for_one
  )

Process.sleep(:infinity)
