using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Samovar.Cli.Ps;

/// <summary>Who is at the other end, and whose a process is. Linux tells; elsewhere the rights of the socket's file have to do.</summary>
internal static class Peer
{
    /// <summary>Whether the other end is this process, and this user's.</summary>
    public static bool IsProcess(Socket socket, int pid)
    {
        const int solSocket = 1, soPeerCred = 17;
        if (!OperatingSystem.IsLinux()) return true;
        Span<int> credentials = stackalloc int[3]; // struct ucred: process, user, group
        socket.GetRawSocketOption(solSocket, soPeerCred, MemoryMarshal.AsBytes(credentials));
        return credentials[0] == pid && credentials[1] == UserOf("self");
    }

    /// <summary>The user of a process, by number; null when there is no such process, or the system does not tell.</summary>
    public static int? UserOf(string process)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(static line => line.StartsWith("Uid:", StringComparison.Ordinal));
            return line is null ? null : int.Parse(line.Split('\t')[1], CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It has ended, or this is no Linux.
            return null;
        }
    }

    /// <summary>Whether a signal has stopped the process.</summary>
    public static bool IsStopped(int pid)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/status").Any(static line => line.StartsWith("State:\tT", StringComparison.Ordinal) || line.StartsWith("State:\tt", StringComparison.Ordinal));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // As above.
            return false;
        }
    }

    /// <summary>Whether a .NET process may have the library: false only where its map of memory shows that it has not. One in a single file has no map
    /// of its parts.</summary>
    public static bool MayHaveSamovar(int pid)
    {
        try
        {
            string map = File.ReadAllText($"/proc/{pid}/maps");
            return map.Contains("/Samovar.dll", StringComparison.Ordinal) || !map.Contains("/libcoreclr.so", StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Not told: it is asked.
            return true;
        }
    }
}
