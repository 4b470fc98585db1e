using System.Net.Sockets;
using Samovar.RabbitMQ.Connections;

namespace Samovar.RabbitMQ.Checks;

public sealed class ReconnectPauseTests
{
    private static readonly ClusterConnectionException s_refused = new("refused", new IOException("no connection", new SocketException((int)SocketError.ConnectionRefused)));
    private static readonly ClusterConnectionException s_slow = new("slow", new TimeoutException());

    private readonly ReconnectPause _pause = new();

    [ThreadFact]
    public void Each_pause_is_twice_as_long_as_the_one_before_up_to_five_seconds()
    {
        _pause.Next().ShouldBeInRange(ReconnectPause.Shortest / 2, ReconnectPause.Shortest);
        _pause.NoteFailure(s_slow);
        _pause.Next().ShouldBeInRange(ReconnectPause.Shortest, ReconnectPause.Shortest * 2);

        Fail(s_slow, times: 10);
        _pause.Next().ShouldBeInRange(ReconnectPause.Longest / 2, ReconnectPause.Longest);

        _pause.Reset();
        _pause.Next().ShouldBeInRange(ReconnectPause.Shortest / 2, ReconnectPause.Shortest);
    }

    [ThreadFact]
    public void While_nothing_listens_a_pause_is_at_most_a_second()
    {
        Fail(s_slow, times: 10);
        Fail(s_refused, times: 1);
        _pause.Next().ShouldBeInRange(ReconnectPause.LongestRefused / 2, ReconnectPause.LongestRefused);

        Fail(s_refused, times: 10);
        _pause.Next().ShouldBeInRange(ReconnectPause.LongestRefused / 2, ReconnectPause.LongestRefused);
    }

    private void Fail(Exception error, int times)
    {
        for (int i = 0; i < times; i++)
        {
            _pause.Next();
            _pause.NoteFailure(error);
        }
    }
}
