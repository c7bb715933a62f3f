# The custom action "chat": Sympa vouches for a person who is logged in and sends them on to Symposium.
#
# Reached by <address of Sympa>/lca/chat/<list> or, without a list, <address of Sympa>/ca/chat. It works with every
# way of logging in that Sympa knows, and also when Symposium lives on another host. README.md says how to install it.
package chat_plugin;

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);
use JSON::PP ();
use MIME::Base64 qw(encode_base64url);

# The secret shared with the bridge (its ACTION_SECRET), and the address of the web app, one line each.
my $SECRET_FILE = '/etc/sympa/symposium/secret';
my $SITE_FILE   = '/etc/sympa/symposium/site';

# How many seconds the ticket is good for. The bridge accepts no more than this.
my $LIFE = 60;

sub process {
    # With /lca/ Sympa puts the list before the arguments of the address, which are not used.
    my $list  = ref $_[0] ? $_[0] : undef;
    my $param = $main::param;
    my $email = $param->{user}{email};
    return 'login' unless $email;

    # A listmaster who acts as somebody else must not enter their conversations.
    return refused('impersonated') if $param->{restore_email};

    my $secret = line_of($SECRET_FILE);
    my $site   = line_of($SITE_FILE);
    my $nonce  = nonce();
    return refused('not_set_up')
        unless length $secret >= 32 and $site =~ m{\Ahttps?://[^/]+/(?:.*/)?\z} and $nonce;

    my $claims = JSON::PP->new->canonical->encode(
        {   v     => 1,
            exp   => time + $LIFE,
            nonce => $nonce,
            email => $email,
            list  => $list ? "$list->{name}\@$list->{domain}" : '',
        }
    );
    my $body = encode_base64url($claims);

    # After the "#" the ticket reaches neither a log file nor a Referer header.
    return {redirect_to => $site . 'sign-in/action#t=' . $body . '.' . hmac_sha256_hex($body, $secret)};
}

# Shows chat.tt2, the page that says why there is no way through.
sub refused {
    my ($reason) = @_;
    return {symposium_refused => $reason, next_action => 1};
}

# The first line of a file, without white space around it; empty if the file cannot be read.
sub line_of {
    my ($path) = @_;
    open my $file, '<', $path or return '';
    my $line = <$file> // '';
    $line =~ s/\A\s+|\s+\z//g;
    return $line;
}

# 32 random hex characters, or undef.
sub nonce {
    open my $random, '<:raw', '/dev/urandom' or return;
    return unless 16 == read $random, my $bytes, 16;
    return unpack 'H*', $bytes;
}

1;
