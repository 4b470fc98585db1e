using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Samovar.Cli.Attaching;

/// <summary>Identifies the process at the other end of a socket, and the user that owns a process. Linux reports both; elsewhere the permissions
/// of the socket's file are the only check.</summary>
internal static class Peer
{
    /// <summary>Returns whether the peer of the socket is the given process, and belongs to this user.</summary>
    public static bool IsProcess(Socket socket, int pid)
    {
        const int solSocket = 1, soPeerCred = 17;
        if (!OperatingSystem.IsLinux()) return true;
        Span<int> credentials = stackalloc int[3]; // struct ucred: process, user, group
        socket.GetRawSocketOption(solSocket, soPeerCred, MemoryMarshal.AsBytes(credentials));
        return credentials[0] == pid && credentials[1] == UserOf("self");
    }

    /// <summary>Returns the user id of a process; null if there is no such process, or the system does not report it.</summary>
    public static int? UserOf(string process)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{process}/status").FirstOrDefault(static line => line.StartsWith("Uid:", StringComparison.Ordinal));
            return line is null ? null : int.Parse(line.Split('\t')[1], CultureInfo.InvariantCulture);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The process has exited, or this is not Linux.
            return null;
        }
    }

    /// <summary>Returns whether a signal has stopped the process.</summary>
    public static bool IsStopped(int pid)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/status").Any(static line => line.StartsWith("State:\tT", StringComparison.Ordinal) || line.StartsWith("State:\tt", StringComparison.Ordinal));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The process has exited, or this is not Linux.
            return false;
        }
    }

    /// <summary>Returns whether a .NET process may have loaded Samovar: false only if its memory map shows the runtime but not the library. The
    /// map of a single-file program does not list its assemblies.</summary>
    public static bool MayHaveSamovar(int pid)
    {
        try
        {
            string map = File.ReadAllText($"/proc/{pid}/maps");
            return map.Contains("/Samovar.dll", StringComparison.Ordinal) || !map.Contains("/libcoreclr.so", StringComparison.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Unknown, so the process is queried.
            return true;
        }
    }
}
